import type { Answer } from './client.ts';
import type { Merchant } from './merchant.ts';
import type { Planned } from './plan.ts';

/** How a payment must stand in the end, in minor units. */
export interface Ending {
  status: 'authorized' | 'completed' | 'failed' | 'canceled';
  captured: number;
  refunded: number;
}

export interface Scenario {
  /** Of a thousand payments, about. */
  share: number;
  /** Used in turn. */
  methods: readonly string[];
  /** Takes seconds to settle: begins early in the day. */
  early?: true;
  act: (merchant: Merchant, planned: Planned) => Promise<void>;
  /** Null if nothing may be stored. */
  ending: (planned: Planned) => Ending | null;
}

export type ScenarioName = keyof typeof SCENARIOS;

const CARDS = [
  'pm_card_visa',
  'pm_card_mastercard',
  'pm_card_amex',
  'pm_card_visa_debit',
  'pm_card_discover',
  'pm_card_diners',
  'pm_card_jcb',
  'pm_card_unionpay',
];
const DECLINES = [
  'pm_card_visa_chargeDeclined',
  'pm_card_visa_chargeDeclinedInsufficientFunds',
  'pm_card_chargeDeclinedExpiredCard',
  'pm_card_visa_chargeDeclinedLostCard',
  'pm_card_chargeDeclinedIncorrectCvc',
  'pm_card_visa_chargeDeclinedStolenCard',
  'pm_card_chargeDeclinedProcessingError',
  'pm_card_chargeDeclinedFraudulent',
];
/** A well-known test number: even that must be refused. */
const TEST_CARD_NUMBER = '4242 4242 4242 4242';

const paid = ({ amount }: Planned): Ending => ({ status: 'completed', captured: amount, refunded: 0 });
const held = (): Ending => ({ status: 'authorized', captured: 0, refunded: 0 });
const nothing = (status: 'failed' | 'canceled') => (): Ending => ({ status, captured: 0, refunded: 0 });
const part = (share: number) => (planned: Planned) => Math.max(1, Math.floor(planned.amount * share));
const [aThird, fortyPercent, most] = [part(0.33), part(0.4), part(0.8)];

const pay: Scenario['act'] = async (merchant, planned) => {
  await merchant.pay(planned, { waits: planned.waits });
};

async function challenge(merchant: Merchant, planned: Planned): Promise<string | null> {
  const answer = await merchant.pay(planned, { waits: true });
  const action = answer.json.next_action as { url: string } | null;
  if (!merchant.expect(answer.json.status === 'requires_action' && action !== null, planned, answer))
    return null;
  return action?.url ?? null;
}

const decide = (decision: 'accept' | 'refuse'): Scenario['act'] => {
  return async (merchant, planned) => {
    const url = await challenge(merchant, planned);
    if (url) await merchant.decide(planned, url, decision);
  };
};

/** Everything that a day brings. */
export const SCENARIOS = {
  charge: { share: 460, methods: CARDS, act: pay, ending: paid },
  decline: { share: 90, methods: DECLINES, act: pay, ending: nothing('failed') },

  captureAll: {
    share: 80,
    methods: CARDS,
    async act(merchant, planned) {
      await merchant.authorize(planned);
      await merchant.operate('capture', planned, {}, 202);
    },
    ending: paid,
  },
  capturePart: {
    share: 40,
    methods: CARDS,
    async act(merchant, planned) {
      await merchant.authorize(planned);
      await merchant.operate(
        'capture',
        planned,
        { amount: planned.amount + 1 },
        'capture_exceeds_authorized',
      );
      await merchant.operate('capture', planned, { amount: most(planned) }, 202, { waits: true });
    },
    ending: (planned) => ({ status: 'completed', captured: most(planned), refunded: 0 }),
  },
  captureFails: {
    share: 6,
    methods: ['pm_sim_captureFail'],
    async act(merchant, planned) {
      await merchant.authorize(planned);
      await merchant.operate('capture', planned, {}, 202, { waits: true });
    },
    ending: held,
  },
  cancel: {
    share: 30,
    methods: CARDS,
    async act(merchant, planned) {
      await merchant.authorize(planned);
      await merchant.operate('cancel', planned, { reason: 'Sold out' }, 202);
    },
    ending: nothing('canceled'),
  },
  cancelFails: {
    share: 4,
    methods: ['pm_sim_cancelFail'],
    async act(merchant, planned) {
      await merchant.authorize(planned);
      await merchant.operate('cancel', planned, {}, 202, { waits: true });
    },
    ending: held,
  },
  hold: { share: 15, methods: CARDS, act: (merchant, planned) => merchant.authorize(planned), ending: held },

  refundPart: {
    share: 70,
    methods: CARDS,
    async act(merchant, planned) {
      await merchant.pay(planned, { waits: true });
      await merchant.operate(
        'refund',
        planned,
        { amount: aThird(planned), reason: 'One item returned' },
        202,
      );
      await merchant.look(planned, '/history');
    },
    ending: (planned) => ({ ...paid(planned), refunded: aThird(planned) }),
  },
  refundAll: {
    share: 30,
    methods: CARDS,
    async act(merchant, planned) {
      await merchant.pay(planned, { waits: true });
      await merchant.operate('refund', planned, {}, 202, { waits: true });
      await merchant.operate('refund', planned, { amount: 1 }, 'payment_not_refundable');
    },
    ending: (planned) => ({ ...paid(planned), refunded: planned.amount }),
  },
  refundTwice: {
    share: 20,
    methods: CARDS,
    async act(merchant, planned) {
      await merchant.pay(planned, { waits: true });
      const amount = fortyPercent(planned);
      await Promise.all(
        ['first', 'second'].map((refund_id) =>
          merchant.operate('refund', planned, { amount, refund_id }, 202),
        ),
      );
      await merchant.operate('refund', planned, { amount: planned.amount }, 'refund_exceeds_captured');
    },
    ending: (planned) => ({ ...paid(planned), refunded: 2 * fortyPercent(planned) }),
  },
  refundPends: {
    share: 10,
    methods: ['pm_card_pendingRefund'],
    async act(merchant, planned) {
      await merchant.pay(planned, { waits: true });
      await merchant.operate('refund', planned, { amount: aThird(planned) }, 202);
    },
    ending: (planned) => ({ ...paid(planned), refunded: aThird(planned) }),
  },
  refundFails: {
    share: 8,
    methods: ['pm_card_refundFail'],
    async act(merchant, planned) {
      await merchant.pay(planned, { waits: true });
      await merchant.operate('refund', planned, {}, 202, { waits: true });
    },
    ending: paid,
  },

  challengeAccepted: {
    share: 30,
    methods: ['pm_card_authenticationRequired'],
    act: decide('accept'),
    ending: paid,
  },
  challengeRefused: {
    share: 10,
    methods: ['pm_card_authenticationRequired'],
    act: decide('refuse'),
    ending: nothing('failed'),
  },
  challengeAbandoned: {
    share: 8,
    methods: ['pm_card_authenticationRequired'],
    async act(merchant, planned) {
      if (await challenge(merchant, planned)) {
        await merchant.operate('cancel', planned, { reason: 'The customer left' }, 202);
      }
    },
    ending: nothing('canceled'),
  },

  duplicate: {
    share: 40,
    methods: CARDS,
    async act(merchant, planned) {
      const answers = await Promise.all([1, 2, 3].map(() => merchant.pay(planned, { waits: planned.waits })));
      answers.push(await merchant.pay(planned));
      const made = answers.filter(({ replayed }) => !replayed);
      merchant.expect(made.length === 1, planned, answers[0] as Answer, 'exactly one of four equal requests');
      await merchant.payDifferently(planned, 'idempotency_mismatch');
    },
    ending: paid,
  },
  duplicateByKey: {
    share: 20,
    methods: CARDS,
    async act(merchant, planned) {
      const first = await merchant.pay(planned, { byKey: true });
      const again = await merchant.pay(planned, { byKey: true });
      const same = again.replayed && again.json.payment_id === first.json.payment_id;
      merchant.expect(same && !first.replayed, planned, again, 'a replay of the same payment');
      planned.payment_id = String(first.json.payment_id);
      await merchant.look(planned);
    },
    ending: paid,
  },
  cardNumber: {
    share: 4,
    methods: CARDS,
    act: (merchant, planned) =>
      merchant.payDifferently(planned, 'card_number_detected', { description: TEST_CARD_NUMBER }),
    ending: () => null,
  },

  unavailable: {
    share: 15,
    methods: ['pm_sim_unavailable_1', 'pm_sim_unavailable_2'],
    act: pay,
    ending: paid,
  },
  noAnswer: {
    share: 5,
    methods: ['pm_sim_timeout', 'pm_sim_timeout_lost'],
    early: true,
    act: async (merchant, planned) => void (await merchant.pay(planned)),
    ending: paid,
  },
} as const satisfies Record<string, Scenario>;
