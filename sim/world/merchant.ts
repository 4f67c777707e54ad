import type { ClientAnswer } from '../observe/observation.ts';
import type { Client, Wish } from './client.ts';
import type { Act, PaymentPlan } from './payment-plan.ts';

/** Pages of a list that are read at most. */
const MAX_PAGES = 4;

/** A merchant's program works through what it means to do with one payment, whatever it is answered. */
export async function carryOut(client: Client, plan: PaymentPlan): Promise<void> {
  const { sleep } = client.machine.timers;
  // Not before there is anybody to ask.
  await sleep(Math.max(1, plan.startMs));
  const create = createWish(plan);
  const first = await together(client, create, plan.twins);
  const paymentId = idOf(first) ?? plan.payment_id;
  for (const act of plan.acts) {
    await sleep(act.afterMs);
    if (act.what === 'replay') await client.insist(create);
    else if (act.what === 'mismatch') await client.ask(anotherBody(create, plan));
    else if (act.what === 'list') await readList(client, act);
    else if (paymentId !== null && !(await doAct(client, paymentId, act, plan)) && !act.isStubborn) return;
  }
}

/** A refusal for good: whatever else is asked of this payment will be refused too. */
function isHopeless(answer: ClientAnswer | null): boolean {
  const code = (answer?.body as { code?: string } | undefined)?.code;
  return code === 'not_found' || (code?.startsWith('payment_not_') ?? false);
}

function createWish({ payment_id, key, fields, waitSeconds }: PaymentPlan): Wish {
  return {
    what: 'create',
    payment_id: payment_id ?? '',
    fields: payment_id === null ? fields : { ...fields, payment_id },
    waitSeconds,
    ...(key === null ? {} : { key }),
  };
}

/** The same id or key with another amount: if nothing names the payment, simply another one. */
function anotherBody(create: Wish, { fields }: PaymentPlan): Wish {
  return { ...create, fields: { ...create.fields, amount: Number(fields.amount) + 1 } };
}

/** The same wish several times at once; what the first of them was answered. */
async function together(client: Client, wish: Wish, count: number): Promise<ClientAnswer | null> {
  const answers = await Promise.all(Array.from({ length: count }, () => client.insist(wish)));
  return answers.find((answer) => answer !== null && answer.status < 300) ?? answers[0] ?? null;
}

function idOf(answer: ClientAnswer | null): string | null {
  return answer && answer.status < 300 ? (answer.body as { payment_id: string }).payment_id : null;
}

/** Whether it makes sense to go on. */
async function doAct(client: Client, payment_id: string, act: Act, plan: PaymentPlan): Promise<boolean> {
  const { what, key, refund_id, share, waitSeconds } = act;
  const isRead = what === 'get' || what === 'history' || what === 'refunds';
  const amount = share === null ? null : Math.max(1, Math.floor(Number(plan.fields.amount) * share));
  const wishes = Array.from({ length: act.rivals }, (_, rival): Wish => {
    const name = rival === 0 ? '' : `-${rival}`;
    return {
      what: what as Wish['what'],
      payment_id,
      waitSeconds,
      fields: {
        ...(amount === null || what === 'cancel' || isRead ? {} : { amount }),
        ...(refund_id === null ? {} : { refund_id: refund_id + name }),
        ...(what === 'cancel' ? { reason: `of ${payment_id}` } : {}),
      },
      ...(key === null || isRead ? {} : { key: key + name }),
    };
  });
  const answers = await Promise.all(wishes.map((wish) => together(client, wish, act.twins)));
  return !answers.every(isHopeless);
}

async function readList(client: Client, { share }: Act): Promise<void> {
  let cursor: string | null = null;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const fields = {
      limit: '2',
      ...(share === 1 ? { status: 'completed' } : {}),
      ...(cursor === null ? {} : { cursor }),
    };
    const answer: ClientAnswer | null = await client.insist({ what: 'list', payment_id: '', fields });
    if (answer?.status !== 200) return;
    cursor = (answer.body as { next_cursor: string | null }).next_cursor;
    if (cursor === null) return;
  }
}
