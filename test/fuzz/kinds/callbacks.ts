import type { Answer } from '../../http/answer-rules.ts';
import type { Ask, Exchange, Header, Request } from '../exchange.ts';
import { answered } from '../expect.ts';
import { hostileJson } from '../hostile-json.ts';
import { keyed, MERCHANTS } from '../plan.ts';
import { ownPayment } from './headers.ts';
import type { Draw, Kind } from './kind.ts';

const HOST: Header = ['Host', 'tollgate'];
/** The least that a signature is refused at, and more than any clock is off. */
const STALE_SECONDS = 310;

export const callbackKinds: readonly Kind[] = [
  { name: 'call-backs', weight: 20, make: callback },
  { name: 'signed call-backs', weight: 15, make: signedCallback },
  { name: 'call-backs of settled payments', weight: 8, make: settledCallback },
  { name: 'challenge pages', weight: 8, make: challenge },
];

function post(body: Buffer, headers: readonly Header[], connector = 'simulator'): Request {
  return {
    method: 'POST',
    target: `/callbacks/${connector}`,
    headers: [HOST, ...headers],
    body,
    merchant: null,
  };
}

/** Not signed, or not rightly. */
function callback({ dice }: Draw): Omit<Exchange, 'kind'> {
  const body = hostileJson(dice);
  const odd = dice.oneOf([
    '',
    'v1,',
    'v1,AAAA',
    'v1,=',
    `v1,${'A'.repeat(44)}`,
    'v2,x v1,y',
    ','.repeat(8_000),
  ]);
  const headers: Header[] = [
    ['webhook-id', dice.oneOf(['', 'evt_1', '__proto__', 'x'.repeat(1_000)])],
    ['webhook-timestamp', dice.oneOf(['', '0', '-1', 'NaN', '1e9', '99999999999999999999', '1767225600'])],
    ['webhook-signature', odd],
  ];
  const connector = dice.oneOf(['simulator', 'simulator', 'none', 'constructor', '%00']);
  const given = headers.filter(() => dice.chance(0.8));
  // 64 KiB is the most that a call-back may have.
  const large = body.length > 65_536;
  const expected = large
    ? '413 body_too_large'
    : connector === 'simulator'
      ? '401 invalid_signature'
      : '404 not_found';
  return { needs: [], act: { requests: [post(body, given, connector)], judge: answered(expected) } };
}

/** Signed as the PSP signs. What it tells of may be nothing, or wrong: it is looked up, and not believed. */
function signedCallback(draw: Draw): Omit<Exchange, 'kind'> {
  const { number, dice, plan, suffix } = draw;
  const known = plan.earlierPayment(number, dice);
  const data = {
    merchant_id: MERCHANTS[known?.merchant ?? 'a'],
    livemode: dice.chance(0.1),
    payment_id: known?.paymentId ?? 'none',
    operation_id: dice.oneOf(['none', '__proto__', '']),
  };
  const isSound = dice.chance(0.6);
  const ageSeconds = dice.chance(0.2) ? dice.oneOf([STALE_SECONDS, -STALE_SECONDS]) : 0;
  const told = isSound ? eventBody(data) : hostileJson(dice);
  const act = tell(told, { eventId: `evt_fz${number}${suffix}`, ageSeconds }, isSound && ageSeconds === 0);
  return { needs: known ? [known.number] : [], act: dice.chance(0.5) ? { ...act, next: () => act } : act };
}

function eventBody(data: object): Buffer {
  return Buffer.from(JSON.stringify({ type: 'operation.succeeded', data }));
}

function tell(body: Buffer, signed: NonNullable<Request['signed']>, isTaken: boolean): Ask {
  const expected = isTaken ? ['200'] : ['401 invalid_signature', '413 body_too_large'];
  return { requests: [{ ...post(body, []), signed }], judge: answered(...expected) };
}

/** Of a payment that the PSP has done with: whether it is told once or often, nothing changes any more. */
function settledCallback(draw: Draw): Omit<Exchange, 'kind'> {
  const { number, plan } = draw;
  const request = ownPayment(draw, [['Prefer', 'wait=10']]);
  return {
    needs: [],
    act: {
      requests: [request],
      judge: answered('201'),
      next([answer]): Ask | null {
        const { payment_id, status, version } = (answer as Answer).json;
        // On a machine that is very busy the wait may have ended before the work.
        if (status !== 'completed') return null;
        const data = { merchant_id: MERCHANTS.a, livemode: false, payment_id, operation_id: 'charge.1' };
        const act = tell(eventBody(data), { eventId: `evt_fz${number}`, ageSeconds: 0 }, true);
        const read: Ask = {
          requests: [keyed(plan, 'a', 'GET', `/payments/${payment_id}`)],
          judge: ([shown]) =>
            shown?.json.version === version ? [] : [`the version was ${version}: ${shown?.text}`],
        };
        return { ...act, next: () => ({ ...act, next: () => read }) };
      },
    },
  };
}

/** A customer who is asked by the simulator's page, and what else may be sent there. */
function challenge(draw: Draw): Omit<Exchange, 'kind'> {
  const { number, dice, plan, suffix } = draw;
  const own = ownPayment(draw, []);
  const payment_id = plan.idOf('a', number, `q${suffix}`);
  const json = { payment_id, amount: 100, payment_method: 'pm_card_authenticationRequired' };
  const create = keyed(plan, 'a', 'POST', '/payments', { json, headers: [['Prefer', 'wait=10']] });
  const decision = dice.oneOf([
    'accept',
    'refuse',
    'accept&decision=refuse',
    '',
    '%',
    'x'.repeat(2_000),
    '\u00ff',
  ]);
  return {
    needs: [],
    act: {
      requests: [create, own],
      judge: ([answer]: readonly Answer[]) => {
        const wrong = answered('201')([answer as Answer]);
        return answer?.json.next_action ? wrong : [...wrong, 'there is no next action'];
      },
      next([answer]): Ask | null {
        const action = answer?.json.next_action as { url: string } | null;
        if (!action) return null;
        const { pathname } = new URL(action.url);
        const page = { method: 'GET', target: pathname, headers: [HOST], body: null, merchant: null };
        const headers: Header[] = [HOST, ['Content-Type', 'application/x-www-form-urlencoded']];
        const decide = {
          ...page,
          method: 'POST',
          headers,
          body: Buffer.from(`decision=${decision}`, 'latin1'),
        };
        const chosen = ['accept', 'refuse'].includes(decision);
        return {
          requests: [page, decide],
          judge: ([shown, decided]) => [
            ...answered('200', '410')([shown as Answer]),
            ...answered(...(chosen ? ['200', '303'] : ['400', '413']))([decided as Answer]),
          ],
        };
      },
    },
  };
}
