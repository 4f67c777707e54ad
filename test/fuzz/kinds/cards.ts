import { CARD_FORMS, CARD_NUMBERS, ESCAPED_CARD_FORMS, WIDE_CARD_FORMS } from '../canary.ts';
import type { Exchange, Header, Request } from '../exchange.ts';
import { answered } from '../expect.ts';
import { keyed, type Plan } from '../plan.ts';
import type { Draw, Kind } from './kind.ts';

const FOUND = answered('400 card_number_detected');

export const cardKinds: readonly Kind[] = [
  { name: 'card in a body', weight: 30, make: inBody },
  { name: 'card in a path or query', weight: 15, make: inTarget },
  { name: 'card in a header that is read', weight: 10, make: inReadHeader },
  { name: 'card where nobody looks', weight: 15, make: unread },
];

function send(request: Request, judge = FOUND): Omit<Exchange, 'kind'> {
  return { needs: [], act: { requests: [request], judge } };
}

/** As the JSON of a value, in any form. */
function cardJson({ dice }: Draw): string {
  if (dice.chance(0.25)) return dice.oneOf([...CARD_NUMBERS, ...ESCAPED_CARD_FORMS]);
  const form = dice.oneOf([...CARD_FORMS, ...WIDE_CARD_FORMS]);
  return JSON.stringify(
    dice.oneOf([form, `card ${form}.`, `(${form})`, `https://shop.example/?card=${form}`]),
  );
}

/** In a field of any name, whether it is one or not, at any depth; and where a repeated name hides it. */
function inBody(draw: Draw): Omit<Exchange, 'kind'> {
  const { dice, plan, number, suffix } = draw;
  const operation = dice.oneOf(plan.contract.operations.filter((one) => one.body !== undefined));
  const card = cardJson(draw);
  const names = Object.keys(plan.contract.resolve(plan.bodyOf('POST', operation.template)).properties ?? {});
  const name = JSON.stringify(dice.oneOf([...names, 'card', 'constructor', '__proto__']));
  const text = dice.oneOf([
    `{${name}:${card}}`,
    `{"amount":1,${name}:${card}}`,
    `{"amount":1,"metadata":{"note":${card}}}`,
    `{"amount":1,"metadata":{${asName(card)}:"x"}}`,
    `{"amount":1,${asName(card)}:1}`,
    `{"description":${asName(card)},"description":"x","amount":1}`,
    `{"amount":1,"x":[[[{"y":[${card}]}]]]}`,
    `[${card}]`,
    card,
  ]);
  const target = operation.template.replace('{payment_id}', plan.idOf('a', number, `c${suffix}`));
  return send(keyed(plan, 'a', 'POST', target, { body: Buffer.from(text) }));
}

/** A number with an exponent is none any more when it is a name. */
function asName(json: string): string {
  return json.startsWith('"') ? json : `"${CARD_FORMS[0]}"`;
}

function inTarget({ dice, plan }: Draw): Omit<Exchange, 'kind'> {
  const form = dice.oneOf([...CARD_FORMS, ...WIDE_CARD_FORMS]);
  const encoded = dice.oneOf([encodeURIComponent, everyByte])(form);
  const target = dice.oneOf([
    `/payments/${encoded}`,
    `/payments/${encoded}/history`,
    `/payments/none/refunds/${encoded}`,
    `/payments?cursor=${encoded}`,
    `/payments?${encoded}=1`,
    `/payments?status=${encoded.replaceAll('%20', '+')}`,
    `/health?card=${encoded}`,
    `/payments/none?x=%zz&y=${encoded}`,
  ]);
  return send(keyed(plan, 'a', 'GET', target));
}

function everyByte(text: string): string {
  return [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
}

function inReadHeader(draw: Draw): Omit<Exchange, 'kind'> {
  const { dice, plan } = draw;
  const form = dice.oneOf(CARD_FORMS);
  const [name, value] = dice.oneOf<Header>([
    ['Idempotency-Key', form],
    ['Idempotency-Key', `"${form}"`],
    ['Prefer', `wait=1, x="${form}"`],
    ['Accept', `application/json, text/${form}`],
    ['Content-Type', `application/json; x=${form}`],
  ]);
  const request = keyed(plan, 'a', 'POST', '/payments', { json: { amount: 1 } });
  const headers: readonly Header[] = [...request.headers.filter(([own]) => own !== name), [name, value]];
  return send({ ...request, headers });
}

/** Refused for another reason, or not read at all: then it must be nowhere. What is unread does not spoil a request. */
function unread(draw: Draw): Omit<Exchange, 'kind'> {
  const { dice, plan } = draw;
  const form = dice.oneOf(CARD_FORMS);
  const json = { card: form };
  const bearer: Header = ['Authorization', `Bearer ${form}`];
  const [request, ...expected] = dice.oneOf<readonly [Request, ...string[]]>([
    [keyed(plan, 'a', 'GET', '/health', { headers: [['User-Agent', form]] }), '200'],
    [keyed(plan, 'a', 'GET', '/payments?limit=1', { headers: [['Cookie', `card=${form}`]] }), '200'],
    [
      keyed(plan, 'a', 'GET', '/payments?limit=1', { headers: [['Referer', `https://x.example/${form}`]] }),
      '200',
    ],
    [
      keyed(plan, 'a', 'GET', '/payments?limit=1', {
        headers: [
          ['X-Card', form],
          [form.replaceAll(' ', '-').replaceAll('/', ''), 'x'],
        ],
      }),
      '200',
    ],
    [keyed(plan, 'a', 'GET', `/${encodeURIComponent(form)}`), '404 not_found'],
    [keyed(plan, 'a', 'PUT', `/payments/${encodeURIComponent(form)}`), '405 method_not_allowed'],
    [withHeaders(plan, [bearer], json), '401 invalid_key'],
    [withHeaders(plan, [['X', form]], json), '401 missing_key'],
    [
      keyed(plan, 'a', 'POST', '/payments', { json: { card: form, pad: 'x'.repeat(9_000) } }),
      '413 body_too_large',
    ],
    [keyed(plan, 'a', 'POST', '/payments', { body: Buffer.from(`{"card":"${form}"`) }), '400 malformed_json'],
    [keyed(plan, 'a', 'GET', '/payments', { headers: [['Accept', `text/${form}`]] }), '406 not_acceptable'],
    [unsigned(form), '401 invalid_signature'],
    [keyed(plan, 'a', 'POST', '/callbacks/none', { json }), '404 not_found'],
  ]);
  return send(request, answered(...expected));
}

function withHeaders(plan: Plan, headers: readonly Header[], json: object): Request {
  const request = keyed(plan, 'a', 'POST', '/payments', { json });
  return {
    ...request,
    headers: [...request.headers.filter(([name]) => name !== 'Authorization'), ...headers],
  };
}

function unsigned(form: string): Request {
  const headers: Header[] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => [
    name,
    form,
  ]);
  const body = Buffer.from(JSON.stringify({ type: form, data: { payment_id: form } }));
  return {
    method: 'POST',
    target: '/callbacks/simulator',
    headers: [['Host', 'tollgate'], ...headers],
    body,
    merchant: null,
  };
}
