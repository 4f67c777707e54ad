import { describe, expect, it } from 'vitest';
import { emptyAuditState } from '../../src/adapters/memory/memory-audit-log.ts';
import { pspRequest } from '../../src/app/psp-request.ts';
import type { SimulatedOperation } from '../../src/connectors/simulator/simulator-storage.ts';
import { chainEntry } from '../../src/domain/audit-chain.ts';
import { auditEntry } from '../../src/domain/audit-entry.ts';
import { aNewPayment, aRequest, NOW_MS } from '../../src/domain/payment.fixture.ts';
import { firstOperation, type Operation, type Payment } from '../../src/domain/payment.ts';
import { recordResult } from '../../src/domain/record-result.ts';
import { requestRefund } from '../../src/domain/request-operation.ts';
import { presentPayment } from '../../src/http/present.ts';
import type { ClientRequest, InvariantBroken, Observation, Truth } from '../observe/observation.ts';
import { createInvariants } from './invariants.ts';

const SUCCEEDED = { outcome: 'succeeded', psp_reference: 'psp_1' } as const;
const BY_WORKER = { nowMs: NOW_MS, actor: 'worker' } as const;

/** The checker on a truth that a test can turn, and a payment with what has happened to it. */
function aLife() {
  const stored = new Map<string, Payment>();
  const audit = emptyAuditState();
  const operations: SimulatedOperation[] = [];
  let nowMs = NOW_MS;
  const truth: Truth = {
    payments: () => stored.values(),
    get: ({ payment_id }) => stored.get(payment_id) ?? null,
    psp: () => operations,
    queue: () => ({ waiting: 0, delayed: 0, inFlight: 0 }),
    deadLetters: () => [],
    auditLines: () => audit.lines,
    auditHead: () => audit.head,
    nowMs: () => nowMs,
  };
  const observer = createInvariants({ truth, runtime: 'memory' });

  const life = {
    see: (observation: Observation) => observer.see(observation),
    pass: (ms: number) => {
      nowMs += ms;
    },
    write(payment: Payment): Payment {
      const previous = stored.get(payment.payment_id) ?? null;
      stored.set(payment.payment_id, payment);
      observer.see({ kind: 'written', payment, previous });
      return payment;
    },
    record(
      payment: Payment,
      id: string,
      result: Parameters<typeof recordResult>[2],
      lookup = false,
    ): Payment {
      const recorded = recordResult(payment, id, result, { ...BY_WORKER, lookup });
      if ('unchanged' in recorded) throw new Error('fixture: nothing was recorded');
      return life.write(recorded.changed);
    },
    execute(payment: Payment, operation: Operation, answer: typeof SUCCEEDED | Error = SUCCEEDED): void {
      const request = pspRequest(payment, operation);
      observer.see({ kind: 'psp', call: 'execute', request, answer });
    },
    /** Accepted, charged and recorded. */
    paid(): Payment {
      const payment = life.write(aNewPayment());
      life.execute(payment, firstOperation(payment));
      return life.record(payment, 'charge.1', SUCCEEDED);
    },
    answer(request: ClientRequest, status: number, body: unknown): void {
      observer.see({ kind: 'asked', client: 1, id: 1, request });
      observer.see({ kind: 'answered', client: 1, id: 1, request, answer: { status, body, headers: {} } });
    },
  };
  return { ...life, stored, audit, operations };
}

function aClientRequest(given: Partial<ClientRequest> = {}): ClientRequest {
  return {
    merchant_id: 'm_1',
    livemode: false,
    payment_id: 'order-1',
    what: 'get',
    fields: {},
    waitSeconds: 0,
    apiKeyId: 'key_1',
    ...given,
  };
}

/** The number of the invariant that this breaks. */
function broken(run: () => void): number | null {
  try {
    run();
  } catch (error) {
    if ((error as Error).name === 'InvariantBroken') return (error as InvariantBroken).invariant;
    throw error;
  }
  return null;
}

function changed(payment: Payment, id: string, part: Partial<Operation>): Payment {
  const operations = payment.operations.map((one) => (one.id === id ? { ...one, ...part } : one));
  return { ...payment, operations };
}

describe('the invariants', () => {
  it('have nothing against a payment that is accepted, charged and refunded', () => {
    const life = aLife();
    const payment = life.paid();
    const asked = requestRefund(payment, 're_1', 400, aRequest());
    if (!asked.ok) throw new Error('fixture: refused');
    life.write(asked.payment);
    life.execute(asked.payment, asked.operation);
    const refunded = life.record(asked.payment, 're_1', SUCCEEDED);
    expect(broken(() => life.answer(aClientRequest(), 200, presentPayment(refunded)))).toBeNull();
  });

  it('1: one operation has one key at the PSP, and one body', () => {
    const life = aLife();
    const payment = life.write(aNewPayment());
    life.execute(payment, firstOperation(payment));
    expect(broken(() => life.execute({ ...payment, currency: 'eur' }, firstOperation(payment)))).toBe(1);
    const request = { ...pspRequest(payment, firstOperation(payment)), idempotency_key: 'other' };
    const again = () => life.see({ kind: 'psp', call: 'execute', request, answer: SUCCEEDED });
    expect(broken(again)).toBe(1);
  });

  it('1: nothing is asked of the PSP that is not durable', () => {
    const payment = aNewPayment();
    expect(broken(() => aLife().execute(payment, firstOperation(payment)))).toBe(1);
  });

  it('2: what was answered is durable', () => {
    const payment = aNewPayment();
    expect(broken(() => aLife().answer(aClientRequest(), 200, presentPayment(payment)))).not.toBeNull();
    const life = aLife();
    life.write(payment);
    const newer = { ...presentPayment(payment), version: 2 };
    expect(broken(() => life.answer(aClientRequest(), 200, newer))).toBe(2);
    expect(broken(() => life.answer(aClientRequest(), 404, {}))).toBe(2);
  });

  it('2: a write that the store has lost is missed at the end', () => {
    const life = aLife();
    life.paid();
    life.stored.clear();
    expect(broken(() => life.see({ kind: 'drained' }))).not.toBeNull();
  });

  it('3: another body with the same id is never accepted, and the same one never refused', () => {
    const life = aLife();
    const payment = life.write(aNewPayment());
    const fields = { payment_id: 'order-1', amount: payment.amount };
    const create = (given: object) => aClientRequest({ what: 'create', fields: { ...fields, ...given } });
    life.answer(create({}), 201, presentPayment(payment));
    expect(broken(() => life.answer(create({}), 422, {}))).toBe(3);
    expect(broken(() => life.answer(create({ currency: 'USD' }), 201, presentPayment(payment)))).toBe(3);
    expect(broken(() => life.answer(create({ amount: 7 }), 201, presentPayment(payment)))).toBe(3);
    expect(broken(() => life.answer(create({ amount: 7 }), 422, {}))).toBeNull();
  });

  it('4: refunds stay within what was captured, and the header says what the operations say', () => {
    const life = aLife();
    const payment = life.paid();
    const asked = requestRefund({ ...payment, amount_refundable: 5_000 }, 're_1', 1_001, aRequest());
    if (!asked.ok) throw new Error('fixture: refused');
    expect(broken(() => life.write(asked.payment))).toBe(4);
  });

  it('5: what is completed stays so', () => {
    const life = aLife();
    const payment = life.paid();
    const next = { ...payment, version: 3, status: 'failed' as const };
    expect(broken(() => life.write(next))).toBe(5);
  });

  it('5: what an operation has come to stays so', () => {
    const life = aLife();
    const payment = life.paid();
    const settled = { ...changed(payment, 'charge.1', { outcome: 'failed' }), version: 3 };
    expect(broken(() => life.write(settled))).toBe(5);
  });

  it('6: versions grow by one, and nobody is shown an older one than there was', () => {
    const life = aLife();
    const payment = life.paid();
    expect(broken(() => life.write({ ...payment, version: 4 }))).toBe(6);
    expect(broken(() => life.answer(aClientRequest(), 200, presentPayment(aNewPayment())))).toBe(6);
  });

  it('7: an outcome stands only on the word of the PSP', () => {
    const life = aLife();
    const payment = life.write(aNewPayment());
    life.execute(payment, firstOperation(payment), new Error('time-out'));
    expect(broken(() => life.record(payment, 'charge.1', SUCCEEDED))).toBe(7);
  });

  it('7: what is unknown is looked up before it is asked for again', () => {
    const life = aLife();
    const payment = life.write(aNewPayment());
    life.execute(payment, firstOperation(payment), new Error('time-out'));
    const unknown = life.record(payment, 'charge.1', { outcome: 'unknown' });
    life.pass(100_000);
    expect(broken(() => life.execute(unknown, firstOperation(unknown)))).toBe(7);
    const request = pspRequest(unknown, firstOperation(unknown));
    life.see({ kind: 'psp', call: 'lookup', request, answer: null });
    expect(broken(() => life.execute(unknown, firstOperation(unknown)))).toBeNull();
  });

  it('8: the feed tells every change, in order, and only what was written', () => {
    const life = aLife();
    const payment = life.paid();
    expect(broken(() => life.see({ kind: 'fed', consumer: 'audit', payments: [payment] }))).toBe(8);
    const other = { ...payment, status: 'failed' as const };
    expect(broken(() => life.see({ kind: 'fed', consumer: 'audit', payments: [other] }))).toBe(8);
  });

  it('8: the relay sends what it has read before it reads on', () => {
    const life = aLife();
    const payment = life.write(aNewPayment());
    life.see({ kind: 'fed', consumer: 'relay', payments: [payment] });
    expect(broken(() => life.see({ kind: 'fed', consumer: 'relay', payments: [] }))).toBe(8);
  });

  it('9: each record of the audit log holds on to the one before', () => {
    const life = aLife();
    const payment = life.write(aNewPayment());
    const entry = auditEntry(payment);
    const { hash } = chainEntry('0'.repeat(64), entry);
    const audited = (given: string) => () =>
      life.see({ kind: 'audited', entries: [entry], head: { records: 1, hash: given } });
    expect(broken(audited('f'.repeat(64)))).toBe(9);
    expect(broken(audited(hash))).toBeNull();
  });

  it('10 and 11: no text carries what is another’s, or a secret', () => {
    const life = aLife();
    const log = (line: string) => broken(() => life.see({ kind: 'logged', line }));
    expect(log('acme-order-1 pays')).toBeNull();
    expect(log('acme-order-1 and bolt-order-1')).toBe(10);
    expect(log('a customer of canary_acme-1')).toBe(11);
    expect(log('key tg_test_abc_def')).toBe(11);
    expect(log('card 4242 4242 4242 4242')).toBe(11);
    expect(log('order 1234567890123')).toBeNull();
    const request = aClientRequest({ merchant_id: 'acme' });
    expect(broken(() => life.answer(request, 409, { detail: 'canary_bolt-1' }))).toBe(10);
  });

  it('13: what was asked for as often as it may be is not asked for again', () => {
    const life = aLife();
    const down = { outcome: 'not_executed', attempt: 8, retryAtMs: NOW_MS, message: '' } as const;
    const capped = life.record(life.write(aNewPayment()), 'charge.1', down);
    life.execute(capped, firstOperation(capped), new Error('a copy of the message'));
    life.pass(100_000);
    expect(broken(() => life.execute(capped, firstOperation(capped), new Error('down')))).toBe(13);
  });

  it('13: a write sends what it adds, and nothing else', () => {
    const life = aLife();
    const payment = life.write(aNewPayment());
    life.execute(payment, firstOperation(payment));
    const recorded = recordResult(payment, 'charge.1', SUCCEEDED, BY_WORKER);
    if ('unchanged' in recorded) throw new Error('fixture: nothing was recorded');
    expect(broken(() => life.write({ ...recorded.changed, dispatch: 'charge.1' }))).toBe(13);
  });

  it('14: what stands here and not at the PSP is found at the end', () => {
    const life = aLife();
    const payment = life.paid();
    for (const version of [aNewPayment(), payment]) {
      life.see({ kind: 'fed', consumer: 'audit', payments: [version] });
      const entry = auditEntry(version);
      const chained = chainEntry(life.audit.head.hash, entry);
      life.audit.lines.push(chained.line);
      life.audit.head = { records: life.audit.head.records + 1, hash: chained.hash };
    }
    life.see({ kind: 'fed', consumer: 'relay', payments: [aNewPayment()] });
    const { merchant_id, livemode, payment_id } = payment;
    life.see({
      kind: 'sent',
      item: { merchant_id, livemode, payment_id, operation_id: 'charge.1', attempt: 0 },
    });
    expect(broken(() => life.see({ kind: 'drained' }))).toBe(14);
  });
});
