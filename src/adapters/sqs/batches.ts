import type { BatchResultErrorEntry } from '@aws-sdk/client-sqs';
import type { Timers } from '../../ports/clock.ts';
import { UnavailableError } from '../../ports/faults.ts';
import type { Ids } from '../../ports/ids.ts';
import { sqsFault } from './sqs-fault.ts';

/** SQS takes so many entries in one request, and bills the request. */
const BATCH = 10;
/** Requests of one call that are under way at once. */
const PARALLEL = 8;
/** How often the entries that SQS did not take are given to it: a throttle is over in less. */
const MAX_ROUNDS = 5;
/** Longest first pause; doubled each time, and jittered over the whole range. */
const PAUSE_BASE_MS = 100;

/** SQS's own failures that come without the mark of a sender's fault, or with it although they pass. */
const PASSES = /Throttl|^Kms|Unavailable|InternalError|InternalFailure|OverLimit/;

export interface BatchPacing {
  timers: Pick<Timers, 'sleep'>;
  ids: Pick<Ids, 'random'>;
}

export interface BatchRequest<Entry> {
  /** What fails if it fails, as the beginning of a sentence. */
  what: string;
  entries: readonly Entry[];
  /** Gives at most 10 entries to SQS, each with an id. */
  call(batch: (Entry & { Id: string })[]): Promise<{ Failed?: BatchResultErrorEntry[] | undefined }>;
  /** Whether a failed entry is as good as done. */
  isDone?: (failure: BatchResultErrorEntry) => boolean;
}

/**
 * Gives any number of entries to SQS in batches. A request that succeeds may have taken a part of its entries only:
 * the others are given again after a pause, a bounded number of times.
 * @throws UnavailableError if SQS does not take them; Error if it says that an entry is wrong
 */
export async function inBatches<Entry extends object>(
  { timers, ids }: BatchPacing,
  { what, entries, call, isDone = () => false }: BatchRequest<Entry>,
): Promise<void> {
  async function give(batch: readonly Entry[]): Promise<void> {
    let left = batch;
    for (let round = 1; ; round += 1) {
      const failures = (await ask(left)).filter((failure) => !isDone(failure));
      const [first] = failures;
      if (!first) return;
      const wrong = failures.find(({ SenderFault, Code = '' }) => SenderFault && !PASSES.test(Code));
      if (wrong) throw new Error(`${what}: SQS says that the sender is at fault: ${said(wrong)}`);
      if (round === MAX_ROUNDS)
        throw new UnavailableError(`${what}: ${failures.length} failed ${round} times: ${said(first)}`);
      left = failures.map(({ Id }) => left[Number(Id)] as Entry);
      await timers.sleep(Math.ceil(ids.random() * PAUSE_BASE_MS * 2 ** (round - 1)));
    }
  }

  async function ask(batch: readonly Entry[]): Promise<BatchResultErrorEntry[]> {
    try {
      const { Failed } = await call(batch.map((entry, index) => ({ ...entry, Id: String(index) })));
      return Failed ?? [];
    } catch (cause) {
      throw sqsFault(what, cause);
    }
  }

  const batches = chunks(entries, BATCH);
  for (const together of chunks(batches, PARALLEL)) await Promise.all(together.map(give));
}

function chunks<T>(all: readonly T[], size: number): T[][] {
  const found: T[][] = [];
  for (let at = 0; at < all.length; at += size) found.push(all.slice(at, at + size));
  return found;
}

function said({ Code, Message }: BatchResultErrorEntry): string {
  return Message ? `${Code}: ${Message}` : String(Code);
}
