import { GENESIS_HASH } from '../../domain/audit-chain.ts';
import { type ChainBreak, type ChainWalk, createChainWalk } from '../../domain/audit-walk.ts';
import type { AuditHeadStore, AuditLog, AuditVerdict, ObjectHead } from '../../ports/audit-log.ts';
import { type AuditObjects, objectKey } from './audit-objects.ts';
import { headAfter, type ReadLines, readLines } from './object-lines.ts';

interface Place {
  object: number;
  /** From 1; without one, the object as a whole. */
  line?: number;
}

/** How often a head that moves meanwhile is followed: what a busy service goes on writing is for the next verify. */
const MAX_FOLLOWED_HEADS = 10;

/** Objects fetched at once, since a year has a hundred thousand of them; so many are in memory at the most. */
const READ_AHEAD = 8;

/** Reads and checks the log, a few objects in memory at a time, also while others append to it. Changes nothing. */
export function createObjectReader({
  objects,
  heads,
}: {
  objects: AuditObjects;
  heads: AuditHeadStore;
}): Pick<AuditLog, 'verify' | 'lines'> {
  async function read(object: number): Promise<ReadLines> {
    const bytes = await objects.get(object);
    if (bytes === 'missing') return { problem: `The object ${objectKey(object)} is missing.`, lines: [] };
    if (bytes === 'too_large')
      return { problem: 'The object is larger than any that Tollgate writes.', lines: [] };
    return readLines(bytes);
  }

  async function* readAll(from: number, to: number): AsyncGenerator<{ object: number; found: ReadLines }> {
    for (let first = from; first <= to; first += READ_AHEAD) {
      const length = Math.min(READ_AHEAD, to - first + 1);
      const objects = Array.from({ length }, (_, index) => first + index);
      const found = await Promise.all(objects.map(read));
      for (const [index, object] of objects.entries()) yield { object, found: found[index] as ReadLines };
    }
  }

  async function verify(expectedHead = GENESIS_HASH): Promise<AuditVerdict> {
    const walk = createChainWalk<Place>(expectedHead);
    let head = await heads.load();
    let from = 1;
    for (let followed = 0; ; followed += 1) {
      const broken = (await walkTo(walk, from, head)) ?? checkHead(walk, head);
      if (broken) return verdict(broken);
      const beyond = await objects.numbersAfter(head.object, 2);
      if (beyond.length === 0) break;
      // Loaded after they were seen: the second one beyond a head is only written when the head is over the first.
      const now = await heads.load();
      if (now.object <= head.object) {
        const extra = await checkBeyond(head, beyond);
        if (extra) return verdict(extra);
        break;
      }
      if (followed === MAX_FOLLOWED_HEADS) break;
      from = head.object + 1;
      head = now;
    }
    return walk.met() ? { ok: true, head: walk.head() } : verdict(neverMet(head, expectedHead));
  }

  async function walkTo(
    walk: ChainWalk<Place>,
    from: number,
    head: ObjectHead,
  ): Promise<ChainBreak<Place> | null> {
    for await (const { object, found } of readAll(from, head.object)) {
      let line = 0;
      for (const bytes of found.lines) {
        line += 1;
        const broken = walk.take(bytes, { object, line });
        if (broken) return broken;
      }
      if ('problem' in found)
        return {
          record: walk.head().records + 1,
          place: { object, line: line + 1 },
          problem: found.problem,
        };
    }
    return null;
  }

  /** One object that follows is an append under way, or one that a crash left for the next append to take in. */
  async function checkBeyond(head: ObjectHead, [first, second]: number[]): Promise<ChainBreak<Place> | null> {
    const number = first as number;
    const record = head.records + 1;
    const place = { object: number };
    if (number !== head.object + 1 || second !== undefined) {
      const which = second === undefined ? objectKey(number) : 'More than one object';
      return { record, place, problem: `${which} stands beyond the head: objects were added to the log.` };
    }
    const found = await read(number);
    if (headAfter(head, found)) return null;
    const why = 'problem' in found ? found.problem : `It does not follow from record ${head.records}.`;
    return {
      record,
      place,
      problem: `The object beyond the head was added to the log, or edited. ${why}`,
    };
  }

  async function* lines(): AsyncGenerator<string> {
    const head = await heads.load();
    for await (const { object, found } of readAll(1, head.object)) {
      for (const line of found.lines) yield line.toString();
      if ('problem' in found)
        throw new Error(`${objectKey(object)}: ${found.problem} Run "tollgate audit verify".`);
    }
  }

  return { verify, lines };
}

function verdict({ record, place, problem }: ChainBreak<Place>): AuditVerdict {
  const key = objectKey(place.object);
  return { ok: false, record, where: place.line ? `${key}, line ${place.line}` : key, problem };
}

/** A chain that was hashed anew is whole in itself: only the head kept outside tells. */
function checkHead(walk: ChainWalk<Place>, head: ObjectHead): ChainBreak<Place> | null {
  const walked = walk.head();
  const place = { object: head.object };
  if (walked.records < head.records) {
    const problem = `The log was truncated: it has ${walked.records} records, and its head is record ${head.records}.`;
    return { record: walked.records + 1, place, problem };
  }
  if (walked.records > head.records) {
    const problem = `Records were added after the head, which is record ${head.records}.`;
    return { record: head.records + 1, place, problem };
  }
  if (walked.hash === head.hash) return null;
  const problem =
    `The chain is whole in itself but does not end in its head: record ${head.records} has hash ${walked.hash} ` +
    `where ${head.hash} belongs. This record or ones before it were rewritten with new hashes.`;
  return { record: Math.max(1, head.records), place, problem };
}

function neverMet(head: ObjectHead, expectedHead: string): ChainBreak<Place> {
  const problem =
    `No record of the chain has the noted head ${expectedHead}. If it was noted from this log, the log was ` +
    'rewritten or truncated since, and the head in the table with it.';
  return { record: Math.max(1, head.records), place: { object: Math.max(1, head.object) }, problem };
}
