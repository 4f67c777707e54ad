import type { AuditEntry, AuditHead, AuditHeadStore, ObjectHead } from '../../ports/audit-log.ts';
import type { Timers } from '../../ports/clock.ts';
import { UnavailableError } from '../../ports/faults.ts';
import type { Ids } from '../../ports/ids.ts';
import type { Logger } from '../../ports/logger.ts';
import { type AuditObjects, objectKey } from './audit-objects.ts';
import { chainBatch, headAfter, packLines, readLines } from './object-lines.ts';
import { withoutHeld } from './written-before.ts';

export interface AppendDeps {
  objects: AuditObjects;
  heads: AuditHeadStore;
  timers: Pick<Timers, 'sleep'>;
  /** Chance, which keeps appenders that met from meeting again. */
  ids: Pick<Ids, 'random'>;
  logger: Logger;
}

/** A stream's shards append at the same time, and each round one of them succeeds. */
const MAX_ROUNDS = 20;
/** Longest first pause after a lost round; doubled each time up to the cap, and jittered over the whole range. */
const PAUSE_BASE_MS = 50;
const PAUSE_CAP_MS = 2_000;

/**
 * One append is one object, put where none is, and then the head is moved over it. The chain has one object of each
 * number, whoever wrote it; so whoever finds the next number taken reads that object, moves the head over it in its
 * writer's place, which may have died, and goes on after it. Nothing is ever overwritten.
 */
export function createAppend(deps: AppendDeps): (entries: readonly AuditEntry[]) => Promise<AuditHead> {
  const { objects, heads, timers, ids, logger } = deps;
  /**
   * Where this process last saw the head; null when it must ask. It stays where it was after a fault, so that the
   * same batch, when it comes again, meets the object that it may have written.
   */
  let known: ObjectHead | null = null;
  let lastTurn: Promise<unknown> = Promise.resolve();

  async function append(entries: readonly AuditEntry[]): Promise<AuditHead> {
    let head = known ?? (await heads.load());
    known = head;
    let left = entries;
    for (let round = 1; round <= MAX_ROUNDS; round += 1) {
      const { text, to } = chainBatch(head, left);
      const outcome = await objects.putIfAbsent(to.object, await packLines(text));
      if (outcome === 'put') {
        known = await moveHead(head, to);
        return headOf(to);
      }
      if (outcome === 'taken') {
        const found = await readNext(head);
        left = withoutHeld(left, found.lines);
        logger.info(
          { object: found.to.object, entries_left: left.length },
          'the next audit object was there',
        );
        head = await moveHead(head, found.to);
        known = head;
        if (left.length === 0) return headOf(found.to);
      }
      await timers.sleep(Math.ceil(ids.random() * Math.min(PAUSE_CAP_MS, PAUSE_BASE_MS * 2 ** (round - 1))));
    }
    throw new UnavailableError(
      `The audit log did not take the entries: others were faster ${MAX_ROUNDS} times.`,
    );
  }

  /** The object after the head, if it is one of this chain. */
  async function readNext(head: ObjectHead): Promise<{ lines: Buffer[]; to: ObjectHead }> {
    const number = head.object + 1;
    const bytes = await objects.get(number);
    // A store that says both taken and missing is settling; the next try tells.
    if (bytes === 'missing') throw new UnavailableError(`${objectKey(number)} is neither there nor free.`);
    const read = bytes === 'too_large' ? { problem: 'It is too large.', lines: [] } : await readLines(bytes);
    const to = headAfter(head, read);
    if (to) return { lines: read.lines, to };
    return refuse(
      { object: number, head_object: head.object, head_records: head.records },
      `${objectKey(number)} does not follow from record ${head.records}, the head of the audit log. It is not ` +
        'overwritten, and nothing more is appended. Run "tollgate audit verify", and find out who wrote it.',
    );
  }

  /** Moves the head over an object that is there. Answers the head as it is then: others may have gone on from it. */
  async function moveHead(from: ObjectHead, to: ObjectHead): Promise<ObjectHead> {
    if (await heads.move(from, to)) return to;
    const now = await heads.load();
    if (now.object > to.object || (now.object === to.object && now.hash === to.hash)) return now;
    return refuse(
      { object: now.object, expected_object: to.object },
      `The head of the audit log was set to object ${now.object} by somebody else, though object ${to.object} ` +
        'follows from where it was. Run "tollgate audit verify" with a head that was noted elsewhere.',
    );
  }

  function refuse(fields: object, problem: string): never {
    logger.error(fields, 'the audit log is not what this process wrote: it takes no more entries');
    throw new Error(problem);
  }

  return (entries) => {
    // One after the other: two appends of one process would only be in each other's way.
    const turn = lastTurn.then(async () =>
      entries.length === 0 ? headOf(await heads.load()) : append(entries),
    );
    lastTurn = Promise.allSettled([turn]);
    return turn;
  };
}

export function headOf({ records, hash }: ObjectHead): AuditHead {
  return { records, hash };
}
