import { describe, expect, it } from 'vitest';
import { PENDING_GRACE_MS } from './limits.ts';
import { newOperation, systemOperationId } from './new-operation.ts';
import { NOW_MS } from './payment.fixture.ts';
import { timestamp } from './payment.ts';

describe('newOperation', () => {
  it('is pending, unknown to any PSP, and looked for once it should have been sent', () => {
    expect(newOperation({ id: 'r1', kind: 'refund', amount: 5, nowMs: NOW_MS })).toEqual({
      id: 'r1',
      kind: 'refund',
      amount: 5,
      reason: null,
      outcome: 'pending',
      psp_reference: null,
      failure: null,
      next_action: null,
      attempts: 0,
      lookups: 0,
      next_step_at: timestamp(NOW_MS + PENDING_GRACE_MS),
      dead_lettered_at: null,
      key_hash: null,
      request_hash: null,
      requested_at: timestamp(NOW_MS),
      settled_at: null,
    });
  });

  it('keeps why it was asked for, and by which request', () => {
    const given = { reason: 'returned', key_hash: 'k', request_hash: '1:r' };
    expect(newOperation({ id: 'r1', kind: 'refund', amount: 5, nowMs: NOW_MS, ...given })).toMatchObject(
      given,
    );
  });
});

describe('systemOperationId', () => {
  it('is no id that a client may choose', () => {
    expect(systemOperationId('cancel', 12)).toBe('cancel.12');
    expect(systemOperationId('cancel', 12)).not.toMatch(/^[A-Za-z0-9_-]{1,64}$/);
  });
});
