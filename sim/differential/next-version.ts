import type { PspResult } from '../../src/domain/answer.ts';
import type { Operation, Payment } from '../../src/domain/payment.ts';
import { timestamp } from '../../src/domain/payment.ts';
import { recordResult } from '../../src/domain/record-result.ts';
import { requestCancel, requestCapture, requestRefund } from '../../src/domain/request-operation.ts';
import { resolveOperation } from '../../src/domain/resolve-operation.ts';
import { markDeadLetter, sweepPayment } from '../../src/domain/sweep-payment.ts';
import type { Random } from '../engine/random.ts';

const HOUR_MS = 3_600_000;
/** So many things are tried that may be refused as the payment stands. */
const TRIES = 12;

/** Some next version of a payment that the domain allows; null if it allows none of those that were tried. */
export function nextVersion(random: Random, payment: Payment, nowMs: number): Payment | null {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const next = someChange(random, payment, nowMs);
    if (next) return next;
  }
  return null;
}

function someChange(random: Random, payment: Payment, nowMs: number): Payment | null {
  const request = { nowMs, actor: 'key_1' };
  const amount = random.chance(0.5) ? undefined : random.between(1, payment.amount);
  const operation = random.pick(payment.operations);
  switch (random.int(9)) {
    case 0:
      return accepted(requestCapture(payment, amount, request));
    case 1:
      return accepted(requestCancel(payment, request));
    case 2:
    case 3:
      return accepted(requestRefund(payment, `r${payment.version}`, amount, request));
    case 4:
      return sweepPayment(payment, nowMs).expire ?? markDeadLetter(payment, operation.id, nowMs);
    case 5: {
      const as = random.pick(['succeeded', 'failed'] as const);
      const resolved = resolveOperation(payment, operation.id, { as, reason: 'known', nowMs });
      return resolved.ok ? resolved.payment : null;
    }
    default:
      return recorded(random, payment, operation, nowMs);
  }
}

function accepted(decision: ReturnType<typeof requestCancel>): Payment | null {
  return decision.ok ? decision.payment : null;
}

function recorded(random: Random, payment: Payment, operation: Operation, nowMs: number): Payment | null {
  const by = { nowMs, actor: 'worker' as const, lookup: random.chance(0.5) };
  const found = recordResult(payment, operation.id, someResult(random, nowMs), by);
  return 'changed' in found ? found.changed : null;
}

function someResult(random: Random, nowMs: number): PspResult {
  const psp_reference = `psp_${random.int(1_000)}`;
  switch (random.int(9)) {
    case 0:
      return { outcome: 'unknown' };
    case 1:
      return { outcome: 'pending', psp_reference };
    case 2: {
      const expires_at = timestamp(nowMs + 24 * HOUR_MS);
      const next_action = { type: 'redirect_to_url' as const, url: 'https://psp.example/c', expires_at };
      return { outcome: 'requires_action', psp_reference, next_action };
    }
    case 3: {
      const failure = {
        code: 'card_declined',
        decline_code: null,
        advice: null,
        message: 'Declined – “nein” 🤷.',
      };
      return { outcome: 'failed', psp_reference: random.chance(0.5) ? psp_reference : null, failure };
    }
    case 4: {
      const attempt = random.between(1, 8);
      return {
        outcome: 'not_executed',
        attempt,
        message: 'The PSP is down.',
        retryAtMs: nowMs + random.int(60_000),
      };
    }
    case 5:
      return { outcome: random.pick(['rejected', 'given_up'] as const), message: 'No.' };
    default:
      return { outcome: 'succeeded', psp_reference };
  }
}
