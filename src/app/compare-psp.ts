import { isOpen } from '../domain/derive.ts';
import { pspIdempotencyKey } from '../domain/hashes.ts';
import {
  findOperation,
  firstOperation,
  isSettled,
  type Operation,
  type Payment,
  type PaymentRef,
} from '../domain/payment.ts';
import type { Clock } from '../ports/clock.ts';
import type { Connector, PspReportLine } from '../ports/connector.ts';
import { createHoldings, type Holding } from './holdings.ts';
import { pspRequest } from './psp-request.ts';

export interface Difference extends PaymentRef {
  operation_id: string;
  problem: string;
}

export interface Comparison {
  psp: string;
  /** Operations in the PSP's report, and payments of ours. */
  operations: number;
  payments: number;
  /** The first `MAX_EXAMPLES` of `differenceCount`. */
  differences: readonly Difference[];
  differenceCount: number;
  /** Payments with an operation that is not settled, so that there is nothing to compare yet. */
  unsettled: readonly PaymentRef[];
  unsettledCount: number;
  /** Captured less refunded, by merchant, mode and currency: ours and the PSP's (invariant 17). */
  holdings: readonly Holding[];
}

/** Where it is kept what the report said of an operation: too many for memory. */
export interface SeenKeys {
  /** False if the key was there already. */
  add(key: string, note: number): boolean;
  get(key: string): number | undefined;
}

interface Deps {
  psp: Pick<Connector, 'name' | 'report' | 'lookup'>;
  get: (ref: PaymentRef) => Promise<Payment | null>;
  payments: () => AsyncIterable<Payment>;
  seen: SeenKeys;
  clock: Clock;
}

/** Of differences, and of payments that cannot be compared yet, so many are named; all are counted. */
export const MAX_EXAMPLES = 100;

/** Notes on a key: compared, and so part of both sums; or met while ours was not settled, and so of neither. */
const COMPARED = 1;
const TOO_EARLY = 2;

/**
 * The PSP's truth against ours, operation by operation and in both directions (invariants 14 and 17). Reads only; says
 * what differs and settles nothing. Payments may change meanwhile: the report is read first, and what it may have been
 * too early for is looked up.
 */
export function createComparePsp({ psp, get, payments, seen, clock }: Deps): () => Promise<Comparison> {
  return async () => {
    const startedMs = clock.now();
    const holdings = createHoldings();
    const differences: Difference[] = [];
    const unsettled: PaymentRef[] = [];
    const count = { operations: 0, payments: 0, differences: 0, unsettled: 0 };

    function differs(
      { merchant_id, livemode, payment_id }: PaymentRef,
      operation_id: string,
      problem: string,
    ): void {
      count.differences += 1;
      if (differences.length < MAX_EXAMPLES)
        differences.push({ merchant_id, livemode, payment_id, operation_id, problem });
    }

    async function askNow(payment: Payment, operation: Operation) {
      return psp.lookup(pspRequest(payment, operation), new AbortController().signal);
    }

    async function takeLine(line: PspReportLine): Promise<void> {
      count.operations += 1;
      const payment = await get(line);
      const operation = payment && findOperation(payment, line.operation_id);
      if (!payment || !operation) {
        differs(line, line.operation_id, `${line.outcome} at the PSP, and not there here`);
        holdings.addPsp(line, line.kind, line.outcome, line.amount, 'charge');
        return;
      }
      const strange = notOurRequest(line, payment, operation);
      if (strange !== null) differs(line, line.operation_id, strange);
      const isEarly = !isSettled(operation) && (isOpen(payment, operation) || !tookMoney(line));
      if (!seen.add(line.idempotency_key, isEarly ? TOO_EARLY : COMPARED))
        differs(line, line.operation_id, 'executed more than once at the PSP');
      if (isEarly) return;
      let { outcome } = line;
      // The report may have been read before the PSP settled it, and ours after.
      if (outcome !== 'succeeded' && outcome !== 'failed' && outcome !== operation.outcome) {
        outcome = (await askNow(payment, operation))?.outcome ?? outcome;
      }
      if (outcome !== operation.outcome) {
        differs(
          line,
          line.operation_id,
          `${outcome} at the PSP, and ${operation.outcome}${byHand(payment, operation)} here`,
        );
      }
      holdings.addPsp(line, line.kind, outcome, line.amount, firstOperation(payment).kind);
    }

    async function takePayment(payment: Payment): Promise<void> {
      count.payments += 1;
      let isWhole = true;
      let sumMinor = 0;
      for (const operation of payment.operations) {
        if (isOpen(payment, operation)) isWhole = false;
        if (!isSettled(operation)) continue;
        const isCounted = await takeOperation(payment, operation);
        if (isCounted)
          sumMinor += holdings.effect(
            operation.kind,
            operation.outcome,
            operation.amount,
            firstOperation(payment).kind,
          );
        else if (operation.outcome === 'succeeded') isWhole = false;
      }
      if (payment.operations.some((operation) => isOpen(payment, operation))) {
        count.unsettled += 1;
        const { merchant_id, livemode, payment_id } = payment;
        if (unsettled.length < MAX_EXAMPLES) unsettled.push({ merchant_id, livemode, payment_id });
      }
      // What the merchant is shown, once that can be compared; until then what has been.
      holdings.addOurs(payment, isWhole ? payment.amount_captured - payment.amount_refunded : sumMinor);
    }

    /** Whether a settled operation of ours is part of the sums. */
    async function takeOperation(payment: Payment, operation: Operation): Promise<boolean> {
      const note = seen.get(pspIdempotencyKey(payment, operation.id));
      if (note !== undefined) return note === COMPARED;
      if (mayBeUnheardOf(payment, operation)) return true;
      const answer = await askNow(payment, operation);
      const here = `${operation.outcome}${byHand(payment, operation)} here`;
      if (answer === null) {
        differs(payment, operation.id, `${here}, and the PSP never heard of it`);
        return true;
      }
      if (answer.outcome !== operation.outcome)
        differs(payment, operation.id, `${answer.outcome} at the PSP, and ${here}`);
      else if (Date.parse(operation.settled_at as string) < startedMs)
        differs(payment, operation.id, `${here}, and missing in the PSP's report`);
      return false;
    }

    for await (const line of psp.report()) await takeLine(line);
    for await (const payment of payments()) if (payment.connector === psp.name) await takePayment(payment);
    return {
      psp: psp.name,
      operations: count.operations,
      payments: count.payments,
      differences,
      differenceCount: count.differences,
      unsettled,
      unsettledCount: count.unsettled,
      holdings: holdings.list(),
    };
  };
}

/** What never changes of an operation, and so must be the same at any time; null if it is. */
function notOurRequest(line: PspReportLine, payment: Payment, operation: Operation): string | null {
  if (line.idempotency_key !== pspIdempotencyKey(payment, operation.id))
    return 'executed under a key that is not its own';
  const there = `${line.kind} of ${line.amount} ${line.currency}`;
  const here = `${operation.kind} of ${operation.amount} ${payment.currency}`;
  return there === here ? null : `${there} at the PSP, and ${here} here`;
}

function tookMoney({ kind, outcome }: PspReportLine): boolean {
  return kind === 'charge' && outcome === 'succeeded';
}

/** Settled by the operator's word, which may be what differs. */
function byHand(payment: Payment, operation: Operation): string {
  return payment.history.some(({ kind, operation_id }) => kind === 'resolve' && operation_id === operation.id)
    ? ' (resolved by hand)'
    : '';
}

/** Failed without ever being executed; or the cancel by which a person settled a hold, which no PSP is asked for. */
function mayBeUnheardOf(payment: Payment, operation: Operation): boolean {
  if (operation.outcome === 'failed') return operation.psp_reference === null;
  return operation.kind === 'cancel' && operation.attempts === 0 && byHand(payment, operation) !== '';
}
