import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { requestHash } from './hashes.ts';
import {
  aFailure,
  aNewPayment,
  aNextAction,
  anOperation,
  answered,
  aPayment,
  NOW_MS,
  RESULTS,
} from './payment.fixture.ts';
import { type HistoryEntry, type Operation, PAYMENT_STATUSES, type Payment } from './payment.ts';
import { fromRecord, type PaymentRecord, toRecord } from './payment-record.ts';

function throughJson(payment: Payment): Payment {
  return fromRecord(JSON.parse(JSON.stringify(toRecord(payment))) as PaymentRecord);
}

const when = fc
  .date({ noInvalidDate: true, min: new Date(0), max: new Date('2099-01-01') })
  .map((date) => date.toISOString());
const orNull = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });

const operation: fc.Arbitrary<Operation> = fc
  .record({
    id: fc.string({ minLength: 1 }),
    kind: fc.constantFrom<Operation['kind'][]>(
      'charge',
      'authorize',
      'capture',
      'cancel',
      'refund',
      'reversal',
    ),
    amount: fc.integer({ min: 1, max: 999_999_999_999 }),
    reason: orNull(fc.string()),
    outcome: fc.constantFrom<Operation['outcome'][]>(
      'pending',
      'succeeded',
      'failed',
      'requires_action',
      'unknown',
    ),
    psp_reference: orNull(fc.string()),
    failure: orNull(fc.record({ code: fc.string(), decline_code: orNull(fc.string()) }).map(aFailure)),
    next_action: orNull(fc.record({ url: fc.webUrl() }).map(aNextAction)),
    attempts: fc.nat(8),
    lookups: fc.nat(20),
    next_step_at: orNull(when),
    dead_lettered_at: orNull(when),
    key_hash: orNull(fc.string()),
    request_hash: orNull(fc.string()),
    requested_at: when,
    settled_at: orNull(when),
  })
  .map((given) => anOperation(given));

/** One entry for each version, from 1 on. */
const history: fc.Arbitrary<HistoryEntry[]> = fc
  .array(
    fc.record(
      {
        at: when,
        kind: fc.constantFrom<HistoryEntry['kind'][]>(
          'charge',
          'attempt',
          'lookup',
          'dead_letter',
          'resolve',
        ),
        operation_id: fc.string(),
        outcome: fc.constantFrom<HistoryEntry['outcome'][]>('pending', 'unknown', 'failed'),
        status: fc.constantFrom(...PAYMENT_STATUSES),
        actor: fc.string(),
        reason: fc.string(),
      },
      { requiredKeys: ['at', 'kind', 'operation_id', 'outcome', 'status', 'actor'], noNullPrototype: true },
    ),
    { minLength: 1, maxLength: 5 },
  )
  .map((entries) => entries.map((given, index) => ({ version: index + 1, ...given })));

const header = fc.record({
  payment_id: fc.string({ minLength: 1 }),
  livemode: fc.boolean(),
  capture_method: fc.constantFrom<Payment['capture_method'][]>('automatic', 'manual'),
  description: orNull(fc.string()),
  metadata: fc.dictionary(fc.string(), fc.string(), { noNullPrototype: true }),
  return_url: orNull(fc.webUrl()),
  dispatch: orNull(fc.string({ minLength: 1 })),
  authorization_expires_at: orNull(when),
});

describe('a payment as it is stored', () => {
  it('reads back as it was written, through JSON (invariant 15)', () => {
    const payment = fc
      .tuple(header, fc.array(operation, { maxLength: 5 }), history)
      // After a charge that has succeeded, no operation leaves an amount that cannot be derived.
      .map(([given, operations, entries]) =>
        aPayment({
          ...given,
          version: entries.length,
          operations: [anOperation(), ...operations],
          history: entries,
          created_at: entries[0]?.at as string,
          updated_at: entries.at(-1)?.at as string,
        }),
      );
    fc.assert(
      fc.property(payment, (given) => {
        expect(throughJson(given)).toStrictEqual(given);
      }),
      { seed: 15 },
    );
  });

  it.each<[string, Payment]>([
    ['new', aNewPayment()],
    ['for manual capture', aNewPayment({ capture_method: 'manual' })],
    ['challenged', answered(aNewPayment(), RESULTS.requires_action)],
    ['failed', answered(aNewPayment(), RESULTS.failed)],
    ['completed', answered(aNewPayment(), RESULTS.succeeded)],
    ['not answered', answered(answered(aNewPayment(), RESULTS.unknown), RESULTS.unknown, { lookup: true })],
  ])('reads back when it is %s', (_what, payment) => {
    expect(throughJson(payment)).toStrictEqual(payment);
  });

  it('holds nothing that is null, zero or derived', () => {
    const record = toRecord(aNewPayment());
    expect(JSON.stringify(record)).not.toMatch(/null|"attempts"|"lookups"|"metadata"|"amount_|"failure"/);
    expect(Object.keys(record)).not.toContain('status');
  });

  it('keeps what was submitted and is not the default', () => {
    const given = {
      description: 'Order 1',
      metadata: { a: '1' },
      return_url: 'https://shop.example/',
      capture_method: 'manual',
    } as const;
    expect(toRecord(aNewPayment(given))).toMatchObject(given);
  });

  it('is smaller than 1,000 bytes for a plain completed payment with ids as long as real ones', () => {
    const id = (prefix: string, seed: string) =>
      `${prefix}_${createHash('sha256').update(seed).digest('hex').slice(0, 26)}`;
    const payment_id = id('pay', 'payment');
    const accepted = aNewPayment({
      payment_id,
      merchant_id: id('mer', 'merchant'),
      livemode: true,
      amount: 999_999_999_999,
      payment_method: 'pm_card_visa',
      request_hash: requestHash({ payment_id, amount: 999_999_999_999 }),
      actor: id('key', 'key'),
    });
    const completed = answered(
      accepted,
      { outcome: 'succeeded', psp_reference: id('ch', 'charge') },
      { nowMs: NOW_MS + 350 },
    );
    expect(completed.status).toBe('completed');
    const bytes = Buffer.byteLength(JSON.stringify(toRecord(completed)));
    expect(bytes).toBeLessThan(1_000);
  });
});
