import type { Answer } from '../../http/answer-rules.ts';
import type { Ask, Exchange, Merchant, Request } from '../exchange.ts';
import { answered } from '../expect.ts';
import { keyed, type NamedPayment } from '../plan.ts';
import type { Draw, Kind } from './kind.ts';

const VIEWS = ['', '/history', '/refunds', '/refunds/r1'];

/** Of another merchant, only what tells nothing may be had: the same as of what is not there. */
const NOTHING_THERE = answered('404 not_found');

export const readingKinds: readonly Kind[] = [
  { name: 'read', weight: 110, make: lookup },
  { name: 'read a refund', weight: 15, make: readRefund },
  { name: 'list', weight: 15, make: list },
  { name: 'pages', weight: 15, make: pages },
  { name: 'stranger', weight: 45, make: stranger },
  { name: 'both merchants', weight: 8, make: sameId },
];

/** A payment that was made before, whole or in part; or one that nobody made. */
export function lookup({ number, dice, plan }: Draw): Omit<Exchange, 'kind'> {
  const known = plan.earlierPayment(number, dice);
  const method = dice.chance(0.1) ? 'HEAD' : 'GET';
  if (!known || dice.chance(0.05)) {
    const request = keyed(plan, 'a', method, `/payments/nobody-made-${number}x${dice.oneOf(VIEWS)}`);
    return { needs: [], act: { requests: [request], judge: answered('404') } };
  }
  const view = dice.oneOf(VIEWS);
  const request = keyed(plan, known.merchant, method, `/payments/${known.paymentId}${view}`);
  const judge = view === '/refunds/r1' ? NOTHING_THERE : answered('200');
  return {
    needs: [known.number],
    act: { requests: [request], judge: method === 'HEAD' ? answered('200', '404') : judge },
  };
}

/** There if it was accepted; else nothing of it was kept, unless it was asked again later. */
function readRefund(draw: Draw): Omit<Exchange, 'kind'> {
  const { number, dice, plan } = draw;
  const planned = plan.earlierOperation(number, dice);
  if (!planned || planned.fields.refund_id === undefined) return lookup(draw);
  const { paymentId, merchant } = planned.payment;
  const target = `/payments/${paymentId}/refunds/${planned.fields.refund_id}`;
  return {
    needs: [planned.payment.number, planned.number],
    act: {
      requests: [keyed(plan, merchant, 'GET', target)],
      judge: (answers, known) =>
        known.outcomeOf(planned.number)?.status === 202
          ? answered('200')(answers)
          : answered('200', '404 not_found')(answers),
    },
  };
}

function list({ dice, plan }: Draw): Omit<Exchange, 'kind'> {
  const merchant = dice.oneOf(['a', 'b'] as const);
  const limit = dice.chance(0.2) ? 100 : dice.between(1, 12);
  const status = dice.oneOf([
    '',
    '&status=completed',
    '&status=authorized',
    '&status=failed',
    '&status=processing',
  ]);
  const request = keyed(plan, merchant, 'GET', `/payments?limit=${limit}${status}`);
  return { needs: [], act: { requests: [request], judge: judgePage(limit, status.slice(8)) } };
}

function judgePage(limit: number, status: string): Ask['judge'] {
  return (answers) => {
    const wrong = answered('200')(answers);
    if (wrong.length > 0) return wrong;
    const data = (answers[0] as Answer).json.data as { status: string; created_at: string }[];
    const faults = data.length > limit ? [`${data.length} payments, and ${limit} were asked for`] : [];
    if (status !== '' && data.some((one) => one.status !== status))
      faults.push('a payment with another status');
    const times = data.map((one) => one.created_at);
    if (times.some((time, n) => n > 0 && time > (times[n - 1] as string))) faults.push('not newest first');
    return faults;
  };
}

/** The next page, and what must not be one: the cursor edited, of another filter, in the hands of another merchant. */
function pages({ dice, plan }: Draw): Omit<Exchange, 'kind'> {
  const merchant = dice.oneOf(['a', 'b'] as const);
  const other: Merchant = merchant === 'a' ? 'b' : 'a';
  const first = keyed(plan, merchant, 'GET', '/payments?limit=2');
  const edit = dice.oneOf([dropLast, swapCase, double]);
  return {
    needs: [],
    act: {
      requests: [first],
      judge: answered('200'),
      next([answer]): Ask | null {
        const cursor = answer?.json.next_cursor;
        if (typeof cursor !== 'string') return null;
        const seen = ids(answer as Answer);
        const ask = (whose: Merchant, query: string): Request =>
          keyed(plan, whose, 'GET', `/payments?${query}`);
        return {
          requests: [
            ask(merchant, `limit=2&cursor=${cursor}`),
            ask(other, `limit=2&cursor=${cursor}`),
            ask(merchant, `limit=2&cursor=${cursor}&status=completed`),
            ask(merchant, `limit=2&cursor=${edit(cursor)}`),
          ],
          judge([next, ...refused]) {
            const faults = answered('200')([next as Answer]);
            if (faults.length === 0 && ids(next as Answer).some((id) => seen.includes(id)))
              faults.push('a page repeats');
            return [...faults, ...refused.flatMap((one) => answered('400 invalid_request')([one]))];
          },
        };
      },
    },
  };
}

const ids = ({ json }: Answer) => (json.data as { payment_id: string }[]).map((one) => one.payment_id);
const dropLast = (cursor: string) => cursor.slice(0, -1);
const double = (cursor: string) => cursor + cursor;
/** A letter in the middle, which both alphabets have in both cases. */
function swapCase(cursor: string): string {
  const at = cursor.search(/[A-Za-wyz]/);
  const letter = cursor.charAt(at);
  const other = letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase();
  return cursor.slice(0, at) + other + cursor.slice(at + 1);
}

/** Every route with the id of another merchant's payment, which is there; and beside it one that nobody has. */
function stranger(draw: Draw): Omit<Exchange, 'kind'> {
  const { number, dice, plan } = draw;
  const known = plan.earlierPayment(number, dice);
  if (!known) return lookup(draw);
  const thief: Merchant = known.merchant === 'a' ? 'b' : 'a';
  // As long as the other id, so that the answers have one length.
  const absent = known.paymentId.replace(/-s/, '_s');
  const ask = askStrangely(draw, thief);
  return {
    needs: [known.number],
    act: {
      requests: [ask(known.paymentId), ask(absent)],
      judge: ([theirs, nobodys]: readonly Answer[]) =>
        judgeStranger(known, absent, theirs as Answer, nobodys as Answer),
    },
  };
}

function askStrangely({ dice, plan }: Draw, thief: Merchant): (paymentId: string) => Request {
  const action = dice.oneOf([...VIEWS, '/capture', '/cancel', '/refunds!']);
  const method = /capture|cancel|!/.test(action) ? 'POST' : 'GET';
  const path = action.replace('!', '');
  const json = method === 'POST' ? {} : undefined;
  const headers = dice.chance(0.3) && method === 'POST' ? [['Idempotency-Key', 'mine'] as const] : [];
  return (paymentId) => keyed(plan, thief, method, `/payments/${paymentId}${path}`, { json, headers });
}

function judgeStranger(
  { paymentId }: NamedPayment,
  absent: string,
  theirs: Answer,
  nobodys: Answer,
): string[] {
  const wrong = NOTHING_THERE([theirs]);
  if (wrong.length > 0) return wrong;
  const same = (answer: Answer, id: string) =>
    answer.text.replaceAll(id, 'ID').replaceAll(String(answer.json.request_id), 'REQUEST');
  return same(theirs, paymentId) === same(nobodys, absent)
    ? []
    : [`another merchant's payment is answered otherwise than one that is not there: ${theirs.text}`];
}

/** Two merchants give the same id to their payments: each has its own. */
function sameId({ number, dice, plan, suffix }: Draw): Omit<Exchange, 'kind'> {
  const id = `fz-both-s${plan.seed}n${number}${suffix}`;
  const amounts = { a: 1 + dice.below(500), b: 501 + dice.below(500) };
  const pay = (whose: Merchant) =>
    keyed(plan, whose, 'POST', '/payments', { json: { payment_id: id, amount: amounts[whose] } });
  const read = (whose: Merchant) => keyed(plan, whose, 'GET', `/payments/${id}`);
  const judge = (status: string) => (answers: readonly Answer[]) =>
    answers.flatMap((answer, n) => {
      const { amount } = answer.json;
      const faults = answered(status)([answer]);
      if (amount !== amounts[n === 0 ? 'a' : 'b']) faults.push(`the amount is ${amount}`);
      return answer.headers['idempotent-replayed'] ? [...faults, 'is given as asked before'] : faults;
    });
  const reading: Ask = { requests: [read('a'), read('b')], judge: judge('200') };
  return { needs: [], act: { requests: [pay('a'), pay('b')], judge: judge('201'), next: () => reading } };
}
