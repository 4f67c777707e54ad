import type { BodyVerdict } from '../body-oracle.ts';
import { createBodyOracle } from '../body-oracle.ts';
import type { Operation } from '../contract.ts';
import type { Exchange, Merchant, Request } from '../exchange.ts';
import { answered, anything, notAnswered } from '../expect.ts';
import { hostileJson } from '../hostile-json.ts';
import { keyed, type Plan } from '../plan.ts';
import { jsonOf, rawFields, withOneWrong } from '../wrong-fields.ts';
import type { Draw, Kind } from './kind.ts';

/** Refusals that say that something is wrong with the request itself, and not with what it asks for. */
const REQUEST_REFUSED = ['400', '401', '403', '405', '406', '413', '415'];

export const bodyKinds: readonly Kind[] = [
  { name: 'valid by document', weight: 70, make: valid },
  { name: 'one field wrong', weight: 110, make: (draw) => body(draw, oneWrong(draw)) },
  { name: 'hostile JSON', weight: 70, make: (draw) => body(draw, () => hostileJson(draw.dice)) },
];

/** Any route, with all that its schemas allow. */
function valid({ number, dice, plan, suffix }: Draw): Omit<Exchange, 'kind'> {
  const operation = dice.oneOf(plan.contract.operations.filter(({ keyed: wanted }) => wanted));
  const { method, template, query, body: schema } = operation;
  const known = plan.earlierPayment(number, dice);
  const merchant: Merchant = known?.merchant ?? 'a';
  const path = template.replace('{payment_id}', known?.paymentId ?? 'none').replace('{refund_id}', 'r1');
  const fields = schema && plan.fitting.fields(schema, dice, 0.4);
  if (fields && 'payment_id' in fields) fields.payment_id = plan.idOf(merchant, number, `v${suffix}`);
  if (fields && 'refund_id' in fields) fields.refund_id = `v${number}`;
  if (fields && JSON.stringify(fields).length > 4_000) delete fields.metadata;
  const target = path + queryOf(plan, query, dice);
  // A cursor that nobody was given fits its schema, and is none all the same.
  const judge = /[?&]cursor=/.test(target) ? anything : notAnswered(...REQUEST_REFUSED);
  const request = keyed(plan, merchant, method, target, { json: fields });
  return { needs: known ? [known.number] : [], act: { requests: [request], judge } };
}

function queryOf(plan: Plan, query: Operation['query'], dice: Draw['dice']): string {
  const parts = query
    .filter(({ name }) => dice.chance(name === 'cursor' ? 0.05 : 0.4))
    .map(
      ({ name, schema }) => `${name}=${encodeURIComponent(String(plan.fitting.value(name, schema, dice)))}`,
    );
  return parts.length === 0 ? '' : `?${parts.join('&')}`;
}

/** A body on one of the routes that take one: what must come of it is the document's word. */
function body(draw: Draw, make: (template: string, merchant: Merchant) => Buffer): Omit<Exchange, 'kind'> {
  const { number, dice, plan } = draw;
  const { template, body: schema } = dice.oneOf(
    plan.contract.operations.filter((one) => one.body !== undefined),
  );
  const known = plan.earlierPayment(number, dice);
  const merchant: Merchant = known?.merchant ?? 'a';
  const bytes = make(template, merchant);
  const verdict = createBodyOracle(plan.contract)(schema as NonNullable<typeof schema>, bytes);
  const target = template.replace('{payment_id}', known?.paymentId ?? 'none');
  const chunks = dice.chance(0.3) ? [dice.between(1, 64), dice.between(1, 4_000)] : undefined;
  const request: Request = keyed(plan, merchant, 'POST', target, { body: bytes, ...(chunks && { chunks }) });
  return { needs: known ? [known.number] : [], act: { requests: [request], judge: judgeBody(verdict) } };
}

function judgeBody(verdict: BodyVerdict) {
  return verdict === null ? notAnswered(...REQUEST_REFUSED) : answered(verdict);
}

function oneWrong({ number, dice, plan, suffix }: Draw) {
  return (template: string, merchant: Merchant) => {
    const schema = plan.bodyOf('POST', template);
    const fields = plan.fitting.fields(schema, dice, 0.3);
    if ('payment_id' in fields) fields.payment_id = plan.idOf(merchant, number, `w${suffix}`);
    return Buffer.from(jsonOf(withOneWrong(plan.contract, schema, rawFields(fields), dice)));
  };
}
