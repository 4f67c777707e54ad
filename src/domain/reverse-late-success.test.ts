import { expect, it } from 'vitest';
import { anOperation, aPayment, NOW_MS } from './payment.fixture.ts';
import { firstOperation, timestamp } from './payment.ts';
import { reverseLateSuccess } from './reverse-late-success.ts';

it('settles what succeeded and asks for its reversal, in one version (invariants 6 and 7)', () => {
  const challenge = anOperation({
    outcome: 'requires_action',
    amount: 700,
    dead_lettered_at: timestamp(NOW_MS),
  });
  const payment = aPayment({ operations: [challenge, anOperation({ id: 'cancel.2', kind: 'cancel' })] });
  const reversed = reverseLateSuccess(payment, challenge, 'psp_late', { nowMs: NOW_MS + 1, actor: 'psp' });
  expect(firstOperation(reversed)).toEqual({
    ...challenge,
    outcome: 'succeeded',
    psp_reference: 'psp_late',
    next_action: null,
    next_step_at: null,
    dead_lettered_at: null,
    settled_at: timestamp(NOW_MS + 1),
  });
  expect(reversed.operations.at(-1)).toMatchObject({
    id: 'reversal.3',
    kind: 'reversal',
    amount: 700,
    outcome: 'pending',
  });
  expect(reversed).toMatchObject({
    version: payment.version + 1,
    dispatch: 'reversal.3',
    status: 'canceled',
  });
});
