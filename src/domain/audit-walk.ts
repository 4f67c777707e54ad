import { checkLine, claimedHash, GENESIS_HASH } from './audit-chain.ts';

/** `place`: wherever the log keeps the record, as its adapter says it. */
export interface ChainBreak<Place> {
  record: number;
  place: Place;
  /** In plain words. */
  problem: string;
}

/** Walks along a chain from its first record, holding no more than a window of it. */
export interface ChainWalk<Place> {
  /** Checks the next line. After a break the walk is over. */
  take(line: Uint8Array, place: Place): ChainBreak<Place> | null;
  head(): { records: number; hash: string };
  /** Whether the walk came past the head that was noted elsewhere. */
  met(): boolean;
}

interface Passed<Place> {
  record: number;
  place: Place;
  hash: string;
  previousHash: string;
}

/** How far back a broken link is traced: more than one append ever writes. */
const WINDOW_RECORDS = 1_024;

/** @param notedHead a hash, hex, that one of the records must have; the empty chain's is met at the start */
export function createChainWalk<Place>(notedHead: string = GENESIS_HASH): ChainWalk<Place> {
  const window: (Passed<Place> | undefined)[] = [];
  let records = 0;
  let head = GENESIS_HASH;
  let met = notedHead === head;

  function take(line: Uint8Array, place: Place): ChainBreak<Place> | null {
    const check = checkLine(head, line);
    const record = records + 1;
    if (!check.ok)
      return trace(line, place) ?? { record, place, problem: `Record ${record} ${check.problem}.` };
    window[record % WINDOW_RECORDS] = { record, place, hash: check.hash, previousHash: head };
    records = record;
    head = check.hash;
    met ||= head === notedHead;
    return null;
  }

  /** Finds where a break really began, if what was inserted is itself chained correctly. */
  function trace(line: Uint8Array, place: Place): ChainBreak<Place> | null {
    const record = records + 1;
    const claimed = claimedHash(line);
    if (claimed === null) return null;
    const repeated = window.find((passed) => passed?.hash === claimed);
    if (repeated) {
      return {
        record,
        place,
        problem: `Record ${record} repeats record ${repeated.record}: it was inserted.`,
      };
    }
    const forked = window.find((passed) => passed && checkLine(passed.previousHash, line).ok);
    if (!forked) return null;
    const problem = `Record ${record} follows from record ${forked.record - 1}: what stands between them was inserted.`;
    return { record: forked.record, place: forked.place, problem };
  }

  return { take, head: () => ({ records, hash: head }), met: () => met };
}
