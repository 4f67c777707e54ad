import type { Summary } from './histogram.ts';

/** A stretch of traffic. The next one begins when its time is over, whatever is still unanswered. */
export type Phase = {
  name: string;
  seconds: number;
  /** Every so many requests ask to wait for the outcome (`Prefer: wait`); 0 for none. */
  waitEvery: number;
} & (
  | {
      /** Open loop: requests are due at random moments at this rate, whether or not those before are answered. */
      ratePerSecond: number;
    }
  | {
      /** Closed loop: so many connections, each of which asks again when it is answered. */
      connections: number;
    }
);

/** What one generator process sends. */
export interface Plan {
  url: string;
  key: string;
  /** What the ids of its payments begin with. */
  prefix: string;
  /** Of the random moments. */
  seed: number;
  /** When the first phase begins, in ms since 1970: generators that belong together share it. */
  startAtMs: number;
  phases: readonly Phase[];
}

export interface PhaseResult {
  name: string;
  /** In ms since 1970. */
  startMs: number;
  seconds: number;
  sent: number;
  /** Answers of 201 to a payment. */
  accepted: number;
  /** How many were answered otherwise, by status and code: `503 overloaded`. */
  refused: Readonly<Record<string, number>>;
  /** Refusals that do not say what they must: when to come back, and for a 429 what the limit is. */
  incomplete: number;
  /** Requests whose connection ended, or that had no answer in time. */
  unanswered: number;
  /** From the moment at which a request was due to its answer; those that asked to wait are told apart. */
  acceptedMs: Summary;
  waitedMs: Summary;
  refusedMs: Summary;
  /** From the moment at which a request was due to the one at which it was sent: the generator's own fault. */
  lagMs: Summary;
  /** Requests that were due when every connection was in use. */
  queued: number;
  /** Into the phase, the moment at which the last request that was refused was due; null if none was. */
  lastRefusedMs: number | null;
}

/** Which payments were accepted, by their numbers. */
export interface Sent {
  prefix: string;
  count: number;
  /** A bit for each number, in base64. */
  acceptedBits: string;
  /** Requests without an answer: these payments may be there, or not. */
  unanswered: readonly number[];
}

/** What a generator is told, and what it tells. */
export type GeneratorOrder = { plan: Plan } | { stop: true };
export type GeneratorMessage = { phase: PhaseResult } | { sent: Sent };

const AMOUNTS = 9_901;

/** The payment of that number; whoever compares the books afterwards knows it too. */
export function paymentNumbered(prefix: string, number: number): { payment_id: string; amount: number } {
  return { payment_id: `${prefix}${number}`, amount: 100 + (number % AMOUNTS) };
}

/** Sending takes it far less than that; later than so many ms, and the machine was busy with something else. */
const TOLERATED_LAG_MS = 10;
const TOLERATED_QUEUED_SHARE = 0.01;

/** Whether the generator kept up, so that the figures of a phase are the server's and not its own. */
export function isValid(phase: PhaseResult): boolean {
  return phase.lagMs.p99Ms <= TOLERATED_LAG_MS && hadConnections(phase);
}

/** Whether nearly every request found a free connection when it was due. */
export function hadConnections({ queued, sent }: PhaseResult): boolean {
  return queued <= sent * TOLERATED_QUEUED_SHARE;
}

/** How many were refused with this status and code. */
export function refusedAs(what: string, { refused }: PhaseResult): number {
  return refused[what] ?? 0;
}

/** Rounds that are tried for each that is wanted: on a busy machine some of them tell nothing. */
export const TRIED_FOR_EACH = 2;
