import type { Contract, Operation } from './contract.ts';
import { createDice, type Dice } from './dice.ts';
import type { Header, Merchant, Request } from './exchange.ts';
import { createFitting, type Fitting } from './fitting-values.ts';

export const MERCHANTS: Readonly<Record<Merchant, string>> = { a: 'anchor-books', b: 'birch-coffee' };

/** Keys by what is special of them; `a` and `b` may do everything that merchants may. */
export const KEY_NAMES = ['a', 'b', 'reader', 'refunder', 'live', 'revoked', 'expired', 'unknown'] as const;
export type KeyName = (typeof KEY_NAMES)[number];
export type Keys = Readonly<Record<KeyName, string>>;

/** A payment that a number stands for. */
export interface PlannedPayment {
  number: number;
  merchant: Merchant;
  /** Null if only the server knows it: it makes one, or derives it from the Idempotency-Key. */
  paymentId: string | null;
  fields: Readonly<Record<string, unknown>>;
  headers: readonly Header[];
}

export type NamedPayment = PlannedPayment & { paymentId: string };

/** An operation on a payment that a number stands for. */
export interface PlannedOperation {
  number: number;
  payment: NamedPayment;
  kind: 'capture' | 'cancel' | 'refunds';
  fields: Readonly<Record<string, unknown>>;
  headers: readonly Header[];
}

/** What each number stands for: the same for the same seed, whatever is answered. */
export interface Plan {
  seed: number;
  contract: Contract;
  fitting: Fitting;
  keys: Keys;
  /** How the ids of a merchant begin, so that theirs are known wherever they appear. */
  idOf(merchant: Merchant, number: number, suffix?: string): string;
  payment(number: number): PlannedPayment;
  /** Null if there is no payment before it that it could be an operation on. */
  operation(number: number): PlannedOperation | null;
  /** One that was planned not long before; null if there is none. Never one that nobody can name. */
  earlierPayment(number: number, dice: Dice): NamedPayment | null;
  earlierOperation(number: number, dice: Dice): PlannedOperation | null;
  bodyOf(method: string, template: string): NonNullable<Operation['body']>;
}

/** Tokens that the simulator knows (docs/simulator.md), and how often of a hundred times they are used. */
const TOKENS: readonly (readonly [share: number, token: string])[] = [
  [78, 'pm_card_visa'],
  [4, 'pm_card_mastercard'],
  [4, 'pm_card_visa_chargeDeclined'],
  [2, 'pm_card_chargeDeclinedExpiredCard'],
  [2, 'pm_card_refundFail'],
  [2, 'pm_card_pendingRefund'],
  [2, 'pm_sim_captureFail'],
  [1, 'pm_sim_cancelFail'],
  [2, 'pm_sim_unavailable_1'],
  [1, 'pm_sim_timeout'],
  [1, 'pm_sim_timeout_lost'],
  [1, 'pm_card_unheard_of'],
];

/** Further back nobody looks: a look-up costs the time to draw what those numbers stand for. */
const LOOK_BACK = 4_000;
const LOOKS = 40;

export function createPlan(
  seed: number,
  contract: Contract,
  keys: Keys,
  kindOf: (number: number) => string,
): Plan {
  const fitting = createFitting(contract);
  const bodies = new Map(
    contract.operations.map(({ method, template, body }) => [`${method} ${template}`, body]),
  );

  function bodyOf(method: string, template: string): NonNullable<Operation['body']> {
    const body = bodies.get(`${method} ${template}`);
    if (!body) throw new Error(`The document knows no body of ${method} ${template}`);
    return body;
  }

  /** The digits touch letters, or they might be taken for a card number. */
  const idOf = (merchant: Merchant, number: number, suffix = '') =>
    `fz-${merchant}-s${seed}n${number}${suffix}`;

  function payment(number: number): PlannedPayment {
    const dice = createDice(seed, number);
    // What was drawn for the kind.
    dice.below(1);
    const merchant = dice.chance(0.7) ? 'a' : 'b';
    const id = idOf(merchant, number);
    const fields = fitting.fields(bodyOf('POST', '/payments'), dice, 0.3);
    delete fields.payment_id;
    const token = tokenOf(dice);
    if (token !== 'pm_card_visa') fields.payment_method = token;
    const headers: Header[] = [];
    const named = dice.below(100);
    if (named < 90) fields.payment_id = id;
    else fields.description = `of ${id}`;
    if (named >= 80 && named < 98) headers.push(['Idempotency-Key', dice.chance(0.5) ? id : `"${id}"`]);
    if (dice.chance(0.15))
      headers.push(['Prefer', `wait=${token === 'pm_card_visa' ? dice.between(0, 12) : 1}`]);
    return { number, merchant, paymentId: named < 90 ? id : null, fields: fitted(fields), headers };
  }

  function operation(number: number): PlannedOperation | null {
    const dice = createDice(seed, number);
    dice.below(1);
    const payment = earlierPayment(number, dice);
    if (!payment) return null;
    const likely =
      payment.fields.capture_method === 'manual' ? (['capture', 'cancel'] as const) : (['refunds'] as const);
    const kind = dice.chance(0.85)
      ? dice.oneOf(likely)
      : dice.oneOf(['capture', 'cancel', 'refunds'] as const);
    const fields = fitting.fields(bodyOf('POST', `/payments/{payment_id}/${kind}`), dice, 0.5);
    delete fields.refund_id;
    if (typeof fields.amount === 'number' && dice.chance(0.7)) {
      fields.amount = 1 + dice.below(payment.fields.amount as number);
    }
    const headers: Header[] = [];
    if (kind === 'refunds' && dice.chance(0.7)) fields.refund_id = `r${number}`;
    else headers.push(['Idempotency-Key', `op-${number}x`]);
    if (dice.chance(0.2)) headers.push(['Prefer', 'wait=1']);
    return { number, payment, kind, fields, headers };
  }

  /** The first that is found among numbers not long before, drawn by chance. */
  function earlier<T>(
    number: number,
    dice: Dice,
    kind: string,
    planned: (candidate: number) => T | null,
  ): T | null {
    const first = Math.max(0, number - LOOK_BACK);
    for (let look = 0; look < LOOKS && number > first; look++) {
      const candidate = dice.between(first, number - 1);
      const found = kindOf(candidate) === kind ? planned(candidate) : null;
      if (found) return found;
    }
    return null;
  }

  function namedPayment(number: number): NamedPayment | null {
    const planned = payment(number);
    return planned.paymentId === null ? null : { ...planned, paymentId: planned.paymentId };
  }

  const earlierPayment = (number: number, dice: Dice) => earlier(number, dice, 'create', namedPayment);

  return {
    seed,
    contract,
    fitting,
    keys,
    idOf,
    payment,
    operation,
    earlierPayment,
    earlierOperation: (number, dice) => earlier(number, dice, 'operate', operation),
    bodyOf,
  };
}

function tokenOf(dice: Dice): string {
  let place = dice.below(100);
  for (const [share, token] of TOKENS) {
    if (place < share) return token;
    place -= share;
  }
  return 'pm_card_visa';
}

/** The server takes no more than this by default; what would be longer goes without what makes it long. */
const MOST_BYTES = 7_500;

function fitted(fields: Record<string, unknown>): Record<string, unknown> {
  if (Buffer.byteLength(JSON.stringify(fields)) <= MOST_BYTES) return fields;
  return { ...fields, metadata: { cut: 'too long' } };
}

/** A request with a merchant's key, and a JSON body if there is one. */
export function keyed(
  plan: Plan,
  merchant: Merchant,
  method: string,
  target: string,
  more: Partial<Sent> = {},
): Request {
  const { body, json, headers = [], ...rest } = more;
  const bytes = json === undefined ? (body ?? null) : Buffer.from(JSON.stringify(json));
  const own: Header[] = [
    ['Host', 'tollgate'],
    ['Authorization', `Bearer ${plan.keys[merchant]}`],
  ];
  if (bytes) own.push(['Content-Type', 'application/json']);
  return { method, target, headers: [...own, ...headers], body: bytes, merchant, ...rest };
}

interface Sent {
  body: Buffer | null;
  json: unknown;
  headers: readonly Header[];
  chunks: readonly number[];
}
