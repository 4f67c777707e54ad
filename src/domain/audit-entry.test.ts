import { hash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { chainEntry, GENESIS_HASH } from './audit-chain.ts';
import { auditEntry } from './audit-entry.ts';
import { type CreateInput, createPayment } from './create-payment.ts';
import type { Payment } from './payment.ts';
import { recordResult } from './record-result.ts';
import { requestRefund } from './request-operation.ts';
import { resolveOperation } from './resolve-operation.ts';

const NOW_MS = Date.parse('2026-01-02T03:04:05.678Z');

function payment(given: Partial<CreateInput> = {}): Payment {
  return createPayment({
    payment_id: 'order-1001',
    merchant_id: 'acme',
    livemode: false,
    amount: 1000,
    currency: 'usd',
    capture_method: 'automatic',
    payment_method: 'pm_card_visa',
    description: null,
    metadata: {},
    return_url: null,
    connector: 'simulator',
    request_hash: `1:${'h'.repeat(43)}`,
    actor: '3f9a1c2b7d40',
    nowMs: NOW_MS,
    ...given,
  });
}

function after(recorded: ReturnType<typeof recordResult>): Payment {
  if ('unchanged' in recorded) throw new Error('The fixture expected a change');
  return recorded.changed;
}

const by = { nowMs: NOW_MS + 20, actor: 'worker' as const };

function charged(): Payment {
  return after(recordResult(payment(), 'charge.1', { outcome: 'succeeded', psp_reference: 'ch_1' }, by));
}

describe('the audit entry of a change', () => {
  it('says of the first version what was asked for', () => {
    expect(auditEntry(payment())).toEqual({
      payment_id: 'order-1001',
      merchant_id: 'acme',
      livemode: false,
      version: 1,
      at: '2026-01-02T03:04:05.678Z',
      kind: 'charge',
      operation: { id: 'charge.1', outcome: 'pending' },
      status: 'processing',
      actor: '3f9a1c2b7d40',
      amount: 1000,
      currency: 'usd',
      payment_method: 'pm_card_visa',
      connector: 'simulator',
      request_hash: `1:${'h'.repeat(43)}`,
    });
  });

  it('tells the capture method of the first version by its kind', () => {
    expect(auditEntry(payment({ capture_method: 'manual' }))).toMatchObject({ kind: 'authorize' });
  });

  it('says of a later version only what changed', () => {
    expect(auditEntry(charged())).toEqual({
      payment_id: 'order-1001',
      merchant_id: 'acme',
      livemode: false,
      version: 2,
      at: '2026-01-02T03:04:05.698Z',
      kind: 'charge',
      operation: { id: 'charge.1', amount: 1000, outcome: 'succeeded', psp_reference: 'ch_1' },
      status: 'completed',
      actor: 'worker',
    });
  });

  it('keeps description and metadata out, and their hash in', () => {
    const entry = auditEntry(payment({ description: 'for Ann', metadata: { email: 'ann@example.com' } }));
    expect(JSON.stringify(entry)).not.toMatch(/ann/i);
    const details = '{"description":"for Ann","metadata":{"email":"ann@example.com"}}';
    expect(entry.details_hash).toBe(hash('sha256', details, 'base64url'));
    const metadataOnly = auditEntry(payment({ metadata: { email: 'ann@example.com' } }));
    expect(metadataOnly.details_hash).toBe(
      hash('sha256', '{"metadata":{"email":"ann@example.com"}}', 'base64url'),
    );
    const descriptionOnly = auditEntry(payment({ description: 'for Ann' }));
    expect(descriptionOnly.details_hash).toBe(
      hash('sha256', '{"description":"for Ann","metadata":{}}', 'base64url'),
    );
  });

  it('keeps a failure, without what it does not say', () => {
    const failure = { code: 'card_declined', decline_code: null, advice: null, message: 'Declined.' };
    const failed = after(
      recordResult(payment(), 'charge.1', { outcome: 'failed', psp_reference: null, failure }, by),
    );
    expect(auditEntry(failed).operation).toEqual({
      id: 'charge.1',
      amount: 1000,
      outcome: 'failed',
      failure: { code: 'card_declined', message: 'Declined.' },
    });
  });

  it('keeps why an operation was asked for', () => {
    const refunded = requestRefund(charged(), 're_1', 400, { nowMs: NOW_MS, actor: 'k1', reason: 'damaged' });
    if (!refunded.ok) throw new Error(refunded.detail);
    expect(auditEntry(refunded.payment)).toMatchObject({
      version: 3,
      kind: 'refund',
      operation: { id: 're_1', amount: 400, outcome: 'pending', reason: 'damaged' },
    });
  });

  it('names the kind of the operation where the change is of another kind, and the reason of the change', () => {
    const resolved = resolveOperation(payment(), 'charge.1', {
      as: 'failed',
      reason: 'asked the PSP',
      nowMs: NOW_MS,
    });
    if (!resolved.ok) throw new Error(resolved.detail);
    expect(auditEntry(resolved.payment)).toMatchObject({
      kind: 'resolve',
      operation: { id: 'charge.1', kind: 'charge', outcome: 'failed' },
      actor: 'operator',
      reason: 'asked the PSP',
    });
  });

  it('takes less than 800 bytes for both records of a plain payment, hashes and newlines included', () => {
    const first = chainEntry(GENESIS_HASH, auditEntry(payment()));
    const second = chainEntry(first.hash, auditEntry(charged()));
    expect(first.line.length + second.line.length + 2).toBeLessThan(800);
  });
});
