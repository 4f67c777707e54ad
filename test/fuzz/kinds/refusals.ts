import type { Answer } from '../../http/answer-rules.ts';
import { CARD_FORMS } from '../canary.ts';
import type { Operation } from '../contract.ts';
import type { Ask, Exchange, Header, Request } from '../exchange.ts';
import { answered } from '../expect.ts';
import { keyed, type Plan } from '../plan.ts';
import type { Draw, Kind } from './kind.ts';

/** Longer than the longest call-back that is taken, 64 KiB. */
const TOO_LONG = Buffer.alloc(70_000, ' ');
/** A payment has 100 operations at most. */
const TOO_MANY = 100;
/** Each that is faster makes the others read and decide anew: many at once take seconds on a busy machine. */
const AT_ONCE = 4;

export const refusalKinds: readonly Kind[] = [
  { name: 'each refusal of each route', weight: 60, make: refusal },
];

export const longKinds: readonly Kind[] = [
  { name: 'too many refunds', weight: 0.2, make: tooManyRefunds },
  { name: 'too many captures', weight: 0.1, make: tooManyCaptures },
];

/** One route of the document, and one thing wrong for which any route, or any of its sort, must refuse it. */
function refusal({ dice, plan }: Draw): Omit<Exchange, 'kind'> {
  const operation = dice.oneOf(plan.contract.operations);
  const target = operation.template.replace('{connector}', 'simulator').replaceAll(/\{\w+\}/g, 'none');
  const body = operation.body ? Buffer.from('{"amount":1}') : null;
  const good = keyed(plan, 'a', operation.method, target, { body });
  const [request, expected] = dice.oneOf(refusals(plan, operation, good));
  return { needs: [], act: { requests: [request], judge: answered(expected) } };
}

function refusals(plan: Plan, operation: Operation, good: Request): readonly (readonly [Request, string])[] {
  const { method, target } = good;
  const more = (...headers: Header[]): Request => ({ ...good, headers: [...good.headers, ...headers] });
  const as = (authorization: string): Request => ({
    ...good,
    headers: good.headers.map((header) =>
      header[0] === 'Authorization' ? ['Authorization', authorization] : header,
    ),
  });
  const typed = (type: string): Request => ({
    ...good,
    headers: good.headers.map((header) => (header[0] === 'Content-Type' ? ['Content-Type', type] : header)),
  });
  const cases: (readonly [Request, string])[] = [
    [more(['Prefer', 'a'], ['Prefer', 'b']), '400 duplicate_header'],
    [more(['Accept', 'image/png']), '406 not_acceptable'],
    [{ ...good, target: `${target}?x=1` }, '400 invalid_request'],
    [
      { ...good, target: `${target}?x=${encodeURIComponent(CARD_FORMS[1] as string)}` },
      '400 card_number_detected',
    ],
    [{ ...keyed(plan, 'a', method, target), body: TOO_LONG }, '413 body_too_large'],
  ];
  if (operation.body) {
    cases.push(
      [typed('text/plain'), '415 unsupported_media_type'],
      [{ ...good, body: Buffer.from('{') }, '400 malformed_json'],
    );
  }
  if (operation.keyed) {
    const without = good.headers.filter(([name]) => name !== 'Authorization');
    const wrongScope = method === 'GET' ? plan.keys.refunder : plan.keys.reader;
    cases.push(
      [{ ...good, headers: without }, '401 missing_key'],
      [as('Bearer nobody'), '401 invalid_key'],
      [as(`Bearer ${plan.keys.unknown}`), '401 invalid_key'],
      [as(`Bearer ${wrongScope}`), '403 insufficient_scope'],
    );
  }
  return cases;
}

/** Refunds of one payment, several at once: as many as there is room for, and then no more. */
function tooManyRefunds(draw: Draw): Omit<Exchange, 'kind'> {
  const { plan } = draw;
  const payment_id = plan.idOf('a', draw.number, 'm');
  const path = `/payments/${payment_id}/refunds`;
  const refund = keyed(plan, 'a', 'POST', path, { json: { amount: 1 } });
  const last: Ask = { requests: [refund], judge: answered('409 too_many_operations') };
  const some = (left: number): Ask => ({
    requests: Array.from({ length: AT_ONCE }, () => refund),
    judge: (answers) => answers.flatMap((answer) => answered('202', '409 too_many_operations')([answer])),
    next: () => (left > 0 ? some(left - 1) : last),
  });
  const json = { payment_id, amount: 1_000 };
  return {
    needs: [],
    act: {
      requests: [keyed(plan, 'a', 'POST', '/payments', { json, headers: [['Prefer', 'wait=10']] })],
      judge: answered('201'),
      next: ([answer]) => (answer?.json.status === 'completed' ? some(TOO_MANY / AT_ONCE) : null),
    },
  };
}

/** Captures that fail, one after the other, until there is no room for another one, or for a cancel. */
function tooManyCaptures(draw: Draw): Omit<Exchange, 'kind'> {
  const { plan } = draw;
  const payment_id = plan.idOf('a', draw.number, 'm');
  const json = { payment_id, amount: 1_000, capture_method: 'manual', payment_method: 'pm_sim_captureFail' };
  const headers: Header[] = [['Prefer', 'wait=10']];
  const ask = (action: string) =>
    keyed(plan, 'a', 'POST', `/payments/${payment_id}/${action}`, { json: {}, headers });
  const full: Ask = {
    requests: [ask('capture'), ask('cancel')],
    judge: (answers) => answers.flatMap((answer: Answer) => answered('409 too_many_operations')([answer])),
  };
  const capture = (left: number): Ask => ({
    requests: [ask('capture')],
    judge: answered('202', '409 too_many_operations', '409 operation_in_progress'),
    next: ([answer]) =>
      answer?.status === 202 && left > 0
        ? capture(left - 1)
        : answer?.json.code === 'too_many_operations'
          ? full
          : null,
  });
  return {
    needs: [],
    act: {
      requests: [keyed(plan, 'a', 'POST', '/payments', { json, headers })],
      judge: answered('201'),
      next: ([answer]) => (answer?.json.status === 'authorized' ? capture(TOO_MANY) : null),
    },
  };
}
