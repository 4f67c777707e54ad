import type { Answer } from '../../http/answer-rules.ts';
import type { Ask, Known } from '../exchange.ts';
import { answered, differing } from '../expect.ts';
import { keyed, type Plan, type PlannedOperation, type PlannedPayment } from '../plan.ts';
import type { Kind } from './kind.ts';
import { lookup } from './reading.ts';

/** What stands for what was not sent. */
const DEFAULTS = { currency: 'usd', capture_method: 'automatic', description: null, metadata: {} };
const SHOWN = ['amount', 'currency', 'capture_method', 'payment_method', 'description', 'metadata'];

/** Payments as merchants make them, and made again. */
export const paymentKinds: readonly Kind[] = [
  {
    name: 'create',
    weight: 260,
    make({ number, plan }) {
      const planned = plan.payment(number);
      return {
        needs: [],
        act: create(plan, planned, ([answer]) => judgeCreated(planned, answer as Answer, false)),
      };
    },
  },
  {
    name: 'create again',
    weight: 60,
    make(draw) {
      const planned = draw.plan.earlierPayment(draw.number, draw.dice);
      if (!planned) return lookup(draw);
      const judge = ([answer]: readonly Answer[]) => judgeCreated(planned, answer as Answer, true);
      return { needs: [planned.number], act: create(draw.plan, planned, judge) };
    },
  },
  {
    name: 'create otherwise',
    weight: 30,
    make(draw) {
      const { dice, plan } = draw;
      const planned = plan.earlierPayment(draw.number, dice);
      if (!planned) return lookup(draw);
      const amount = (planned.fields.amount as number) === 1 ? 2 : (planned.fields.amount as number) - 1;
      const other: PlannedPayment = dice.oneOf([
        { ...planned, fields: { ...planned.fields, amount } },
        { ...planned, fields: { ...planned.fields, metadata: { other: String(draw.number) } } },
        {
          ...planned,
          headers: [...planned.headers.filter(isWait), ['Idempotency-Key', `other-${draw.number}x`]],
        },
      ]);
      return { needs: [planned.number], act: create(plan, other, answered('422 idempotency_mismatch')) };
    },
  },
  {
    name: 'operate',
    weight: 130,
    make(draw) {
      const planned = draw.plan.operation(draw.number);
      if (!planned) return lookup(draw);
      return { needs: [planned.payment.number], act: operate(draw.plan, planned, answered('202', '409')) };
    },
  },
  {
    name: 'operate again',
    weight: 40,
    make(draw) {
      const planned = draw.plan.earlierOperation(draw.number, draw.dice);
      if (!planned) return lookup(draw);
      const judge = (answers: readonly Answer[], known: Known) => judgeRepeated(planned, answers, known);
      return { needs: [planned.payment.number, planned.number], act: operate(draw.plan, planned, judge) };
    },
  },
  {
    name: 'operate otherwise',
    weight: 20,
    make(draw) {
      const planned = draw.plan.earlierOperation(draw.number, draw.dice);
      if (!planned) return lookup(draw);
      const fields = {
        ...planned.fields,
        ...(planned.kind === 'cancel' ? { reason: `other ${draw.number}x` } : OTHER),
      };
      const judge = (answers: readonly Answer[], known: Known) =>
        known.outcomeOf(planned.number)?.status === 202
          ? answered('422 idempotency_mismatch')(answers)
          : ANY_OPERATION(answers);
      return {
        needs: [planned.payment.number, planned.number],
        act: operate(draw.plan, { ...planned, fields }, judge),
      };
    },
  },
];

/** An amount that nobody draws. */
const OTHER = { amount: 999_999_999_998 };

/** What was refused at first may have been accepted later, when it was asked again: as it was, or otherwise. */
const ANY_OPERATION = answered('202', '409', '422 idempotency_mismatch');

const isWait = ([name]: readonly [string, string]) => name === 'Prefer';

function create(plan: Plan, { merchant, fields, headers }: PlannedPayment, judge: Ask['judge']): Ask {
  return { requests: [keyed(plan, merchant, 'POST', '/payments', { json: fields, headers })], judge };
}

function operate(plan: Plan, { payment, kind, fields, headers }: PlannedOperation, judge: Ask['judge']): Ask {
  const target = `/payments/${payment.paymentId}/${kind}`;
  return { requests: [keyed(plan, payment.merchant, 'POST', target, { json: fields, headers })], judge };
}

/** The payment as it was sent, and whether it says that it was there before. */
export function judgeCreated(planned: PlannedPayment, answer: Answer, again: boolean): string[] {
  const wrong = answered('201')([answer]);
  if (wrong.length > 0) return wrong;
  const { headers, json } = answer;
  const sent = Object.fromEntries(
    SHOWN.flatMap((name) => {
      const value = planned.fields[name] ?? DEFAULTS[name as keyof typeof DEFAULTS];
      return value === undefined ? [] : [[name, name === 'currency' ? String(value).toLowerCase() : value]];
    }),
  );
  const faults = differing(sent, json);
  if (planned.paymentId !== null && json.payment_id !== planned.paymentId)
    faults.push(`the id is ${json.payment_id}`);
  if (headers.location !== `/payments/${json.payment_id}`) faults.push(`Location is ${headers.location}`);
  const replayed = headers['idempotent-replayed'];
  if (replayed !== (again ? 'true' : undefined)) faults.push(`Idempotent-Replayed is ${replayed}`);
  return faults;
}

/** What was accepted is given again; what was refused left nothing behind, and is judged anew. */
function judgeRepeated(planned: PlannedOperation, answers: readonly Answer[], known: Known): string[] {
  const before = known.outcomeOf(planned.number);
  if (before?.status !== 202) return ANY_OPERATION(answers);
  const wrong = answered('202')(answers);
  const [answer] = answers as [Answer];
  if (wrong.length > 0) return wrong;
  const faults: string[] = [];
  const id = planned.kind === 'refunds' ? answer.json.refund_id : answer.json.payment_id;
  if (id !== before.id) faults.push(`the id was ${before.id}, and now is ${id}`);
  if (answer.headers['idempotent-replayed'] !== 'true') faults.push('does not say that it was asked before');
  return faults;
}
