import { createHistogram } from './histogram.ts';
import type { Outcome } from './outcome.ts';
import type { PhaseResult } from './traffic.ts';

export interface PhaseRecord {
  sent(dueMs: number, nowMs: number): void;
  answered(request: { dueMs: number; waits: boolean }, outcome: Outcome, nowMs: number): void;
  /** Requests sent and neither answered nor given up. */
  open(): number;
  result(queued: number): PhaseResult;
}

/** Counts what happens to the requests that are due in a phase, whenever they are answered. */
export function createPhaseRecord(
  { name, seconds }: { name: string; seconds: number },
  startMs: number,
): PhaseRecord {
  const [acceptedMs, waitedMs, refusedMs, lagMs] = [
    createHistogram(),
    createHistogram(),
    createHistogram(),
    createHistogram(),
  ];
  const refused: Record<string, number> = {};
  let sent = 0;
  let accepted = 0;
  let incomplete = 0;
  let unanswered = 0;
  let settled = 0;
  let lastRefusedMs: number | null = null;

  return {
    sent(dueMs, nowMs) {
      sent++;
      lagMs.add(Math.max(0, nowMs - dueMs));
    },
    answered({ dueMs, waits }, outcome, nowMs) {
      settled++;
      if (outcome.kind === 'unanswered') unanswered++;
      else if (outcome.kind === 'accepted') {
        accepted++;
        (waits ? waitedMs : acceptedMs).add(nowMs - dueMs);
      } else {
        refused[outcome.what] = (refused[outcome.what] ?? 0) + 1;
        if (!outcome.complete) incomplete++;
        refusedMs.add(nowMs - dueMs);
        lastRefusedMs = Math.max(lastRefusedMs ?? 0, dueMs - startMs);
      }
    },
    open: () => sent - settled,
    result: (queued) => ({
      name,
      startMs,
      seconds,
      sent,
      accepted,
      refused,
      incomplete,
      unanswered,
      acceptedMs: acceptedMs.summary(),
      waitedMs: waitedMs.summary(),
      refusedMs: refusedMs.summary(),
      lagMs: lagMs.summary(),
      queued,
      lastRefusedMs,
    }),
  };
}
