import { describe, expect, it } from 'vitest';
import { derive, dueAtMs, expiresAtMs, expiryStepAtMs, isOpen } from './derive.ts';
import { AUTHORIZATION_TTL_MS, CHALLENGE_TTL_MS, EXPIRY_RETRY_MS, PENDING_GRACE_MS } from './limits.ts';
import { aFailure, aNextAction, anOperation, aPayment, NOW_MS } from './payment.fixture.ts';
import {
  firstOperation,
  type Operation,
  type OperationKind,
  type Outcome,
  type PaymentStatus,
  timestamp,
} from './payment.ts';

type Step = [OperationKind, Outcome, Partial<Operation>?];

function operations(steps: readonly Step[]): Operation[] {
  return steps.map(([kind, outcome, given], index) =>
    anOperation({ id: `${kind}.${index + 1}`, kind, outcome, ...given }),
  );
}

const EXPIRED = { failure: aFailure({ code: 'authorization_expired' }) };
const WON = { failure: aFailure({ code: 'already_succeeded' }) };
const ACCEPTED = { psp_reference: 'psp_1' };

/** The first table of design.md §5, cell by cell. */
const STATUS: [PaymentStatus, string, Step[]][] = [
  ['processing', 'a charge is pending', [['charge', 'pending']]],
  ['processing', 'the PSP has accepted a charge and not decided it', [['charge', 'pending', ACCEPTED]]],
  ['processing', 'a charge is unknown', [['charge', 'unknown']]],
  ['processing', 'an authorize is pending', [['authorize', 'pending']]],
  ['processing', 'an authorize is unknown', [['authorize', 'unknown']]],
  ['requires_action', 'a charge needs the customer', [['charge', 'requires_action']]],
  ['requires_action', 'an authorize needs the customer', [['authorize', 'requires_action']]],
  [
    'requires_action',
    'its cancel is pending',
    [
      ['charge', 'requires_action'],
      ['cancel', 'pending'],
    ],
  ],
  [
    'requires_action',
    'its cancel is unknown',
    [
      ['charge', 'requires_action'],
      ['cancel', 'unknown'],
    ],
  ],
  [
    'requires_action',
    'its cancel failed',
    [
      ['charge', 'requires_action'],
      ['cancel', 'failed', WON],
    ],
  ],
  ['failed', 'the charge failed', [['charge', 'failed']]],
  ['failed', 'the authorize failed', [['authorize', 'failed']]],
  [
    'failed',
    'the charge failed while a cancel is pending',
    [
      ['charge', 'failed'],
      ['cancel', 'pending'],
    ],
  ],
  [
    'failed',
    'the charge failed before a cancel was confirmed',
    [
      ['charge', 'failed'],
      ['cancel', 'succeeded'],
    ],
  ],
  ['completed', 'the charge succeeded', [['charge', 'succeeded']]],
  [
    'completed',
    'the charge succeeded while a cancel is unknown',
    [
      ['charge', 'succeeded'],
      ['cancel', 'unknown'],
    ],
  ],
  [
    'completed',
    'the charge won the race against a cancel',
    [
      ['charge', 'succeeded'],
      ['cancel', 'failed', WON],
    ],
  ],
  [
    'completed',
    'the charge succeeded before a cancel was confirmed',
    [
      ['charge', 'succeeded'],
      ['cancel', 'succeeded'],
    ],
  ],
  [
    'completed',
    'a refund is pending',
    [
      ['charge', 'succeeded'],
      ['refund', 'pending'],
    ],
  ],
  [
    'completed',
    'a refund is unknown',
    [
      ['charge', 'succeeded'],
      ['refund', 'unknown'],
    ],
  ],
  [
    'completed',
    'a refund failed',
    [
      ['charge', 'succeeded'],
      ['refund', 'failed'],
    ],
  ],
  [
    'completed',
    'all is refunded',
    [
      ['charge', 'succeeded'],
      ['refund', 'succeeded'],
    ],
  ],
  [
    'completed',
    'the capture succeeded',
    [
      ['authorize', 'succeeded'],
      ['capture', 'succeeded'],
    ],
  ],
  [
    'completed',
    'a later capture succeeded',
    [
      ['authorize', 'succeeded'],
      ['capture', 'failed'],
      ['capture', 'succeeded'],
    ],
  ],
  ['authorized', 'the authorize succeeded', [['authorize', 'succeeded']]],
  [
    'authorized',
    'a capture is pending',
    [
      ['authorize', 'succeeded'],
      ['capture', 'pending'],
    ],
  ],
  [
    'authorized',
    'a capture is unknown',
    [
      ['authorize', 'succeeded'],
      ['capture', 'unknown'],
    ],
  ],
  [
    'authorized',
    'a capture failed',
    [
      ['authorize', 'succeeded'],
      ['capture', 'failed'],
    ],
  ],
  [
    'authorized',
    'a cancel is pending',
    [
      ['authorize', 'succeeded'],
      ['cancel', 'pending'],
    ],
  ],
  [
    'authorized',
    'a cancel is unknown',
    [
      ['authorize', 'succeeded'],
      ['cancel', 'unknown'],
    ],
  ],
  [
    'authorized',
    'a cancel failed',
    [
      ['authorize', 'succeeded'],
      ['cancel', 'failed'],
    ],
  ],
  [
    'canceled',
    'the authorization was voided',
    [
      ['authorize', 'succeeded'],
      ['cancel', 'succeeded'],
    ],
  ],
  [
    'canceled',
    'it was voided after a capture failed',
    [
      ['authorize', 'succeeded'],
      ['capture', 'failed'],
      ['cancel', 'succeeded'],
    ],
  ],
  [
    'canceled',
    'a challenge was abandoned',
    [
      ['charge', 'requires_action'],
      ['cancel', 'succeeded'],
    ],
  ],
  [
    'canceled',
    'a challenge for an authorize was abandoned',
    [
      ['authorize', 'requires_action'],
      ['cancel', 'succeeded'],
    ],
  ],
  [
    'canceled',
    'the PSP says to a capture that it has expired',
    [
      ['authorize', 'succeeded'],
      ['capture', 'failed', EXPIRED],
    ],
  ],
  [
    'canceled',
    'the PSP says to a cancel that it has expired',
    [
      ['authorize', 'succeeded'],
      ['cancel', 'failed', EXPIRED],
    ],
  ],
  [
    'canceled',
    'a late success is being reversed',
    [
      ['charge', 'succeeded'],
      ['cancel', 'succeeded'],
      ['reversal', 'pending'],
    ],
  ],
  [
    'canceled',
    'a late success could not be reversed',
    [
      ['charge', 'succeeded'],
      ['cancel', 'succeeded'],
      ['reversal', 'failed'],
    ],
  ],
  [
    'canceled',
    'a late authorization is reversed',
    [
      ['authorize', 'succeeded'],
      ['cancel', 'succeeded'],
      ['reversal', 'succeeded'],
    ],
  ],
];

describe('the status (design §5, invariant 5)', () => {
  it.each(STATUS)('is %s when %s', (status, _when, steps) => {
    expect(derive({ operations: operations(steps) }).status).toBe(status);
  });
});

describe('the amounts (invariant 4)', () => {
  const none = { amount_capturable: 0, amount_captured: 0, amount_refunded: 0, amount_refundable: 0 };
  const charged: Step = ['charge', 'succeeded', { amount: 1000 }];
  const authorized: Step = ['authorize', 'succeeded', { amount: 1000 }];

  it.each<[string, Step[], Partial<typeof none>]>([
    ['nothing is taken before the PSP says so', [['charge', 'unknown']], {}],
    ['nothing is taken by what failed', [['charge', 'failed']], {}],
    ['nothing is left of what is canceled', [authorized, ['cancel', 'succeeded']], {}],
    ['nothing is kept of a late success', [charged, ['cancel', 'succeeded'], ['reversal', 'pending']], {}],
    ['all that is authorized can be captured', [authorized], { amount_capturable: 1000 }],
    [
      'all can be captured after a capture failed',
      [authorized, ['capture', 'failed', { amount: 400 }]],
      { amount_capturable: 1000 },
    ],
    [
      'the rest of a partial capture is released',
      [authorized, ['capture', 'succeeded', { amount: 400 }]],
      { amount_captured: 400, amount_refundable: 400 },
    ],
    ['a charge captures all of it', [charged], { amount_captured: 1000, amount_refundable: 1000 }],
    [
      'a pending refund is claimed and not refunded',
      [charged, ['refund', 'pending', { amount: 300 }]],
      { amount_captured: 1000, amount_refundable: 700 },
    ],
    [
      'an unknown refund is claimed and not refunded',
      [charged, ['refund', 'unknown', { amount: 300 }]],
      { amount_captured: 1000, amount_refundable: 700 },
    ],
    [
      'a refund that succeeded is refunded',
      [charged, ['refund', 'succeeded', { amount: 300 }]],
      { amount_captured: 1000, amount_refunded: 300, amount_refundable: 700 },
    ],
    [
      'a refund that failed claims nothing',
      [charged, ['refund', 'failed', { amount: 300 }]],
      { amount_captured: 1000, amount_refundable: 1000 },
    ],
    [
      'refunds add up',
      [
        charged,
        ['refund', 'succeeded', { amount: 300 }],
        ['refund', 'pending', { amount: 200 }],
        ['refund', 'failed', { amount: 500 }],
        ['refund', 'succeeded', { amount: 100 }],
      ],
      { amount_captured: 1000, amount_refunded: 400, amount_refundable: 400 },
    ],
  ])('%s', (_what, steps, amounts) => {
    expect(derive({ operations: operations(steps) })).toMatchObject({ ...none, ...amounts });
  });
});

describe('the failure that a merchant sees', () => {
  const other = { failure: aFailure({ code: 'other' }) };

  it.each<[string, Step[], string | null]>([
    ['why the payment failed', [['charge', 'failed']], 'card_declined'],
    [
      'why it failed, and not what became of a cancel',
      [
        ['charge', 'failed'],
        ['cancel', 'failed', other],
      ],
      'card_declined',
    ],
    [
      'why the last capture failed',
      [
        ['authorize', 'succeeded'],
        ['capture', 'failed'],
        ['capture', 'failed', other],
      ],
      'other',
    ],
    [
      'nothing once another capture is asked for',
      [
        ['authorize', 'succeeded'],
        ['capture', 'failed'],
        ['capture', 'pending'],
      ],
      null,
    ],
    [
      'that the authorization had expired',
      [
        ['authorize', 'succeeded'],
        ['capture', 'failed', EXPIRED],
      ],
      'authorization_expired',
    ],
    [
      'nothing about a payment that was canceled',
      [
        ['authorize', 'succeeded'],
        ['capture', 'failed'],
        ['cancel', 'succeeded'],
      ],
      null,
    ],
    [
      'nothing about a refund, which tells it itself',
      [
        ['charge', 'succeeded'],
        ['refund', 'failed'],
      ],
      null,
    ],
    ['nothing of an authorization', [['authorize', 'succeeded']], null],
  ])('is %s', (_what, steps, code) => {
    expect(derive({ operations: operations(steps) }).failure?.code ?? null).toBe(code);
  });
});

describe('the cancellation reason', () => {
  it.each<[string, Step[], string | null]>([
    [
      'what the merchant said',
      [
        ['authorize', 'succeeded'],
        ['cancel', 'succeeded', { reason: 'sold out' }],
      ],
      'sold out',
    ],
    [
      'null if the merchant said nothing',
      [
        ['authorize', 'succeeded'],
        ['cancel', 'succeeded'],
      ],
      null,
    ],
    [
      'that the PSP found it expired',
      [
        ['authorize', 'succeeded'],
        ['capture', 'failed', EXPIRED],
      ],
      'authorization_expired',
    ],
    [
      'null until the cancel is confirmed',
      [
        ['authorize', 'succeeded'],
        ['cancel', 'pending', { reason: 'sold out' }],
      ],
      null,
    ],
    [
      'null if the charge won the race',
      [
        ['charge', 'succeeded'],
        ['cancel', 'succeeded', { reason: 'sold out' }],
      ],
      null,
    ],
  ])('is %s', (_what, steps, reason) => {
    expect(derive({ operations: operations(steps) }).cancellation_reason).toBe(reason);
  });
});

const AUTHORIZATION_ENDS_MS = NOW_MS + AUTHORIZATION_TTL_MS;
const CHALLENGE_ENDS_MS = NOW_MS + CHALLENGE_TTL_MS;

describe('the expiry', () => {
  it.each<[string, Step[], number | null]>([
    ['of a challenge is when the PSP gives it up', [['charge', 'requires_action']], CHALLENGE_ENDS_MS],
    ['of an authorization is when the PSP releases it', [['authorize', 'succeeded']], AUTHORIZATION_ENDS_MS],
    ['is none before the PSP has answered', [['authorize', 'pending']], null],
    [
      'is none of what is completed',
      [
        ['authorize', 'succeeded'],
        ['capture', 'succeeded'],
      ],
      null,
    ],
  ])('%s', (_what, steps, expected) => {
    expect(expiresAtMs(aPayment({ operations: operations(steps) }))).toBe(expected);
  });

  const settledAt = (ms: number) => ({ settled_at: timestamp(ms) });

  it.each<[string, Step[], number | null]>([
    ['at once when it comes', [['authorize', 'succeeded']], AUTHORIZATION_ENDS_MS],
    [
      'never while a capture is unsettled: that decides it',
      [
        ['authorize', 'succeeded'],
        ['capture', 'pending'],
      ],
      null,
    ],
    [
      'never while a cancel is unsettled: that decides it',
      [
        ['charge', 'requires_action'],
        ['cancel', 'unknown'],
      ],
      null,
    ],
    [
      'when it comes, after a capture failed before',
      [
        ['authorize', 'succeeded'],
        ['capture', 'failed'],
      ],
      AUTHORIZATION_ENDS_MS,
    ],
    [
      'a pause after it could not be voided',
      [
        ['authorize', 'succeeded'],
        ['cancel', 'failed', settledAt(AUTHORIZATION_ENDS_MS)],
      ],
      AUTHORIZATION_ENDS_MS + EXPIRY_RETRY_MS,
    ],
    [
      'never once it is a dead letter',
      [['authorize', 'succeeded', { dead_lettered_at: timestamp(NOW_MS) }]],
      null,
    ],
    ['never of what has no expiry', [['charge', 'succeeded']], null],
  ])('is acted on %s', (_what, steps, expected) => {
    expect(expiryStepAtMs(aPayment({ operations: operations(steps) }))).toBe(expected);
  });
});

describe('when the sweep should look', () => {
  const soon = { next_step_at: timestamp(NOW_MS + 1) };
  const later = { next_step_at: timestamp(NOW_MS + 2) };
  const dead = { next_step_at: null, dead_lettered_at: timestamp(NOW_MS) };

  it.each<[string, Step[], number | null]>([
    ['never at what is settled', [['charge', 'succeeded']], null],
    [
      'at what was asked for, once it should have been sent',
      [['charge', 'pending']],
      NOW_MS + PENDING_GRACE_MS,
    ],
    [
      'at the first of several',
      [
        ['charge', 'succeeded'],
        ['refund', 'pending', later],
        ['refund', 'pending', soon],
      ],
      NOW_MS + 1,
    ],
    [
      'at the first of several, in any order',
      [
        ['charge', 'succeeded'],
        ['refund', 'pending', soon],
        ['refund', 'pending', later],
      ],
      NOW_MS + 1,
    ],
    ['at an authorization when it expires', [['authorize', 'succeeded']], AUTHORIZATION_ENDS_MS],
    ['at a look-up before the expiry', [['charge', 'requires_action', soon]], NOW_MS + 1],
    [
      'at the expiry before a look-up',
      [['charge', 'requires_action', { next_step_at: timestamp(CHALLENGE_ENDS_MS + 1) }]],
      CHALLENGE_ENDS_MS,
    ],
    ['never at a dead letter', [['charge', 'unknown', dead]], null],
    [
      'never at a challenge that a confirmed cancel left behind',
      [
        ['charge', 'requires_action', soon],
        ['cancel', 'succeeded'],
      ],
      null,
    ],
    [
      'at a reversal',
      [
        ['charge', 'succeeded'],
        ['cancel', 'succeeded'],
        ['reversal', 'pending', soon],
      ],
      NOW_MS + 1,
    ],
  ])('is %s', (_what, steps, expected) => {
    expect(dueAtMs(aPayment({ operations: operations(steps) }))).toBe(expected);
  });

  it('follows what the PSP says of the challenge', () => {
    const next_action = aNextAction({ expires_at: timestamp(NOW_MS + 3) });
    expect(
      dueAtMs(aPayment({ operations: [anOperation({ outcome: 'requires_action', next_action })] })),
    ).toBe(NOW_MS + 3);
  });
});

describe('isOpen', () => {
  it.each<[boolean, string, Step[]]>([
    [true, 'a pending charge', [['charge', 'pending']]],
    [true, 'a challenge', [['charge', 'requires_action']]],
    [
      true,
      'a challenge whose cancel is not settled',
      [
        ['charge', 'requires_action'],
        ['cancel', 'pending'],
      ],
    ],
    [false, 'a settled charge', [['charge', 'succeeded']]],
    [
      false,
      'a challenge that a confirmed cancel left behind',
      [
        ['charge', 'requires_action'],
        ['cancel', 'succeeded'],
      ],
    ],
  ])('is %s of %s', (open, _what, steps) => {
    const payment = aPayment({ operations: operations(steps) });
    expect(isOpen(payment, firstOperation(payment))).toBe(open);
  });
});
