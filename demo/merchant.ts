import type { Answer, Client, Kind } from './client.ts';
import type { Planned } from './plan.ts';

export interface PayOptions {
  /** Until the outcome is known: `Prefer: wait`. */
  waits?: boolean;
  /** Leaves the id to the server, and names the payment by an Idempotency-Key. */
  byKey?: boolean;
}

/** What the merchants do. Whatever is answered otherwise than it should is noted. */
export interface Merchant {
  pay(planned: Planned, options?: PayOptions): Promise<Answer>;
  /** Pays with manual capture, until it is authorized. */
  authorize(planned: Planned): Promise<void>;
  /** Asks for the payment with other fields, which must be refused with this code. */
  payDifferently(planned: Planned, code: string, fields?: Partial<Planned>): Promise<void>;
  /** @param expected 202, or the code of the refusal that is due */
  operate(
    operation: 'capture' | 'cancel' | 'refund',
    planned: Planned,
    body: Readonly<Record<string, unknown>>,
    expected: 202 | string,
    options?: { waits: boolean },
  ): Promise<void>;
  look(planned: Planned, below?: '/history'): Promise<void>;
  /** What the customer does on the page of a challenge. */
  decide(planned: Planned, url: string, decision: 'accept' | 'refuse'): Promise<void>;
  expect(holds: boolean, planned: Planned, answer: Answer, what?: string): boolean;
}

const WAIT = { prefer: 'wait=10' };

/** @param unexpected takes what should not have happened */
export function createMerchant(client: Client, unexpected: (what: string) => void): Merchant {
  function expect(holds: boolean, planned: Planned, { status, json }: Answer, what = ''): boolean {
    if (!holds) {
      const said = [status, json.code ?? json.status, json.detail].filter((part) => part !== undefined);
      const due = what === '' ? '' : `; due was ${what}`;
      unexpected(
        `${planned.scenario}, ${planned.merchant} ${planned.payment_id}: answered ${said.join(' ')}${due}`,
      );
    }
    return holds;
  }

  function expectRefusal(planned: Planned, answer: Answer, code: string): void {
    expect(answer.status >= 400 && answer.json.code === code, planned, answer, code);
  }

  function create(planned: Planned, { waits = false, byKey = false }: PayOptions, given: object) {
    const { merchant, payment_id, amount, currency, payment_method, description } = planned;
    const body = {
      ...(byKey ? {} : { payment_id }),
      amount,
      currency,
      payment_method,
      description,
      ...given,
    };
    const headers = { ...(waits && WAIT), ...(byKey && { 'idempotency-key': payment_id }) };
    const kind: Kind = waits ? 'accept and wait' : 'accept';
    return client.send({ kind, merchant, path: '/payments', body, headers });
  }

  async function ask(planned: Planned, options: PayOptions, given: object): Promise<Answer> {
    const answer = await create(planned, options, given);
    const { amount, currency, description } = answer.json;
    const same =
      amount === planned.amount && currency === planned.currency && description === planned.description;
    expect(answer.status === 201 && same, planned, answer, '201, with the fields as submitted');
    return answer;
  }

  return {
    expect,
    pay: (planned, options = {}) => ask(planned, options, {}),
    async authorize(planned) {
      const answer = await ask(planned, { waits: true }, { capture_method: 'manual' });
      expect(answer.json.status === 'authorized', planned, answer, 'authorized');
    },
    async payDifferently(planned, code, fields = { amount: planned.amount + 1 }) {
      expectRefusal(planned, await create(planned, {}, fields), code);
    },
    async operate(operation, planned, body, expected, options) {
      const { merchant, payment_id } = planned;
      const path = `/payments/${payment_id}/${operation === 'refund' ? 'refunds' : operation}`;
      const headers = options?.waits ? WAIT : {};
      const answer = await client.send({ kind: operation, merchant, path, body, headers });
      if (expected === 202) expect(answer.status === 202, planned, answer, `202 to the ${operation}`);
      else expectRefusal(planned, answer, String(expected));
    },
    async look(planned, below) {
      const { merchant, payment_id } = planned;
      const kind = below ? 'history' : 'get';
      const answer = await client.send({ kind, merchant, path: `/payments/${payment_id}${below ?? ''}` });
      expect(answer.status === 200, planned, answer, '200');
    },
    async decide(planned, url, decision) {
      const page = await client.browse(url);
      const shown = page.status === 200 && page.text.includes(`id="${decision}"`);
      const done = shown ? await client.browse(url, { decision }) : page;
      if (shown && done.status < 400) return;
      unexpected(
        `${planned.scenario}, ${planned.merchant} ${planned.payment_id}: its page answered ${done.status}`,
      );
    },
  };
}
