import fc from 'fast-check';
import type { PspResult } from './answer.ts';
import { dueAtMs } from './derive.ts';
import { aNewPayment, aNextAction, aRequest, NOW_MS, RESULTS } from './payment.fixture.ts';
import { type CaptureMethod, type Operation, type Payment, timestamp } from './payment.ts';
import { recordResult } from './record-result.ts';
import { requestCancel, requestCapture, requestRefund } from './request-operation.ts';
import { resolveOperation } from './resolve-operation.ts';
import { markDeadLetter, sweepPayment } from './sweep-payment.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/**
 * Anything that may happen to a payment, at any time and in any order. `at` picks one of its operations; `asked` one
 * of the outcomes that are a habit of this life.
 */
export type Command =
  | { type: 'capture'; amount: number | undefined }
  | { type: 'cancel' }
  | { type: 'refund'; amount: number | undefined }
  | {
      type: 'result';
      at: number;
      asked: number;
      expired: boolean;
      attempt: number;
      lookup: boolean;
    }
  | { type: 'sweep' }
  /** The clock moves, `due` to when the sweep has something to do. */
  | { type: 'wait'; ms: number | 'due' }
  | { type: 'resolve'; at: number; as: 'succeeded' | 'failed' };

/** What happens at all in one life: a PSP that never settles anything leads to other places than one that does. */
export interface Habits {
  types: readonly Command['type'][];
  outcomes: readonly PspResult['outcome'][];
}

export interface Life {
  payment: Payment;
  nowMs: number;
  habits: Habits;
}

const TYPES: Command['type'][] = ['capture', 'cancel', 'refund', 'result', 'sweep', 'wait', 'resolve'];
const OUTCOMES = Object.keys(RESULTS) as PspResult['outcome'][];
export const EVERYTHING: Habits = { types: TYPES, outcomes: OUTCOMES };

/** @param amount of a capture or refund: above what there is it is refused, and `undefined` is all there is */
export function commands(amount: fc.Arbitrary<number | undefined>): fc.Arbitrary<Command> {
  const constant = <T extends Command['type']>(type: T): fc.Arbitrary<T> => fc.constant(type);
  // Often one of the first or the last, whose order matters; also any other.
  const at = fc.oneof(
    { weight: 3, arbitrary: fc.integer({ min: -4, max: 1 }) },
    { weight: 1, arbitrary: fc.nat(99) },
  );
  const attempt = fc.integer({ min: 1, max: 9 });
  const ms = fc.constantFrom<(number | 'due')[]>('due', 1, 6 * MINUTE_MS, DAY_MS, 8 * DAY_MS);
  const as = fc.constantFrom('succeeded' as const, 'failed' as const);
  // Seldom, since it ends a life.
  const expired = fc.nat(19).map((chance) => chance === 19);
  const asked = fc.nat(OUTCOMES.length * 60);
  const result = {
    type: constant('result'),
    at,
    asked,
    expired,
    attempt,
    lookup: fc.boolean(),
  };
  return fc.oneof(
    { weight: 2, arbitrary: fc.record({ type: constant('capture'), amount }) },
    { weight: 2, arbitrary: fc.record({ type: constant('cancel') }) },
    { weight: 4, arbitrary: fc.record({ type: constant('refund'), amount }) },
    { weight: 12, arbitrary: fc.record(result) },
    { weight: 4, arbitrary: fc.record({ type: constant('sweep') }) },
    { weight: 3, arbitrary: fc.record({ type: constant('wait'), ms }) },
    { weight: 1, arbitrary: fc.record({ type: constant('resolve'), at, as }) },
  );
}

export function aResult(outcome: PspResult['outcome'], at: number): Command {
  return { type: 'result', at, asked: OUTCOMES.indexOf(outcome), expired: false, attempt: 1, lookup: false };
}

/** How a life may begin: also at places that are seldom come to by chance. */
const OPENINGS: readonly (readonly Command[])[] = [
  [],
  [aResult('succeeded', 0)],
  [aResult('requires_action', 0)],
  [aResult('requires_action', 0), { type: 'cancel' }],
  [aResult('requires_action', 0), { type: 'cancel' }, aResult('succeeded', 1)],
  [aResult('succeeded', 0), ...Array.from({ length: 95 }, (): Command => ({ type: 'refund', amount: 1 }))],
  [aResult('requires_action', 0), ...Array.from({ length: 95 }, refusedCancel).flat()],
];

function refusedCancel(): Command[] {
  return [{ type: 'cancel' }, aResult('failed', -1)];
}

/** Payments at their beginning, each with habits of its own. */
export const lives: fc.Arbitrary<Life> = fc
  .record({
    capture_method: fc.constantFrom<CaptureMethod[]>('automatic', 'manual'),
    opening: fc.constantFrom(...OPENINGS),
    types: fc.subarray(TYPES.filter((type) => type !== 'result')),
    outcomes: fc.subarray(OUTCOMES, { minLength: 1 }),
  })
  .map(({ capture_method, opening, types, outcomes }) => {
    const begun = { payment: aNewPayment({ capture_method }), nowMs: NOW_MS, habits: EVERYTHING };
    return { ...live(begun, opening), habits: { types: [...types, 'result'], outcomes } };
  });

function resultOf(
  command: Extract<Command, { type: 'result' }>,
  { nowMs, habits: { outcomes } }: Life,
): PspResult {
  const result = RESULTS[outcomes[command.asked % outcomes.length] as PspResult['outcome']];
  if (result.outcome === 'not_executed') {
    return { ...result, attempt: command.attempt, retryAtMs: nowMs + MINUTE_MS };
  }
  if (result.outcome === 'failed' && command.expired) {
    return { ...result, failure: { ...result.failure, code: 'authorization_expired' } };
  }
  if (result.outcome === 'requires_action') {
    return { ...result, next_action: aNextAction({ expires_at: timestamp(nowMs + DAY_MS) }) };
  }
  return result;
}

/** What the sweep finds is written one after the other, and what somebody else has written first is decided again. */
function swept(payment: Payment, nowMs: number): Payment[] {
  const { deadLetter, expire } = sweepPayment(payment, nowMs);
  const written: Payment[] = [];
  for (const { id } of deadLetter) {
    const marked = markDeadLetter(written.at(-1) ?? payment, id, nowMs);
    if (marked) written.push(marked);
  }
  return written.length === 0 && expire ? [expire] : written;
}

/** Every version that the command makes of the payment; none if it is refused, changes nothing, or is no habit. */
function versionsBy(command: Command, life: Life): Payment[] {
  const { payment, nowMs, habits } = life;
  if (!habits.types.includes(command.type)) return [];
  const pick = (at: number) => (payment.operations.at(at) ?? payment.operations[0]) as Operation;
  const request = aRequest({ nowMs });
  switch (command.type) {
    case 'capture':
    case 'cancel':
    case 'refund': {
      const decision =
        command.type === 'capture'
          ? requestCapture(payment, command.amount, request)
          : command.type === 'cancel'
            ? requestCancel(payment, request)
            : requestRefund(payment, `r${payment.version}`, command.amount, request);
      return decision.ok ? [decision.payment] : [];
    }
    case 'result': {
      const by = { nowMs, actor: 'worker', lookup: command.lookup } as const;
      const recorded = recordResult(payment, pick(command.at).id, resultOf(command, life), by);
      return 'unchanged' in recorded ? [] : [recorded.changed];
    }
    case 'sweep':
      return swept(payment, nowMs);
    case 'resolve': {
      const resolved = resolveOperation(payment, pick(command.at).id, {
        as: command.as,
        reason: 'known',
        nowMs,
      });
      return resolved.ok ? [resolved.payment] : [];
    }
    case 'wait':
      return [];
  }
}

function timeAfter(command: Command, { payment, nowMs }: Life): number {
  if (command.type !== 'wait') return nowMs;
  if (command.ms !== 'due') return nowMs + command.ms;
  return Math.max(nowMs, dueAtMs(payment) ?? nowMs);
}

/** Lives through the commands; `visit` sees each change, from one version to the next. */
export function live(
  from: Life,
  given: readonly Command[],
  visit?: (before: Payment, after: Payment, life: Life) => void,
): Life {
  let life = from;
  for (const command of given) {
    for (const payment of versionsBy(command, life)) {
      const next = { ...life, payment };
      visit?.(life.payment, payment, next);
      life = next;
    }
    life = { ...life, nowMs: timeAfter(command, life) };
  }
  return life;
}
