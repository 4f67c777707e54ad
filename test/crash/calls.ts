import { createSystemTimers } from '../../src/adapters/system/system-timers.ts';
import { type Answer, type Call, describeCall, eachOf, type Send } from './client.ts';
import type { AcknowledgedOperation, Ledger, SubmittedPayment } from './ledger.ts';

export interface CallsDeps {
  send: Send;
  ledger: Ledger;
  /** Takes what should not have happened. */
  found: (finding: string) => void;
  /** Whether an unexpected answer is what a failing disk makes of it. Such a request is sent again later. */
  excused?: (call: Call, answer: Answer) => boolean;
}

/** Whoever is refused waits a little, and does not only keep the server busy with refusing. */
const REFUSED_PAUSE_MS = 50;

const timers = createSystemTimers();

/** Requests whose answers go into the ledger, and the wait for a number of them. */
export function createCalls({ send, ledger, found, excused }: CallsDeps) {
  let answers = 0;
  let lost = false;
  let watched = { answers: Number.POSITIVE_INFINITY, reached: () => {} };

  async function ask(
    call: Call,
    expected: readonly number[],
    acknowledged: (answer: Answer) => void,
  ): Promise<Answer | null> {
    const answer = await send(call);
    if (!answer) {
      lost = true;
      if (call.method === 'POST') ledger.unanswered({ call, expected, acknowledged });
      return null;
    }
    answers++;
    if (answers >= watched.answers) watched.reached();
    if (!expected.includes(answer.status) && excused?.(call, answer)) {
      if (call.method === 'POST') ledger.unanswered({ call, expected, acknowledged });
      await timers.sleep(REFUSED_PAUSE_MS);
      return null;
    }
    if (!expected.includes(answer.status)) {
      const { status, json } = answer;
      found(`${describeCall(call)} was answered ${status} ${json.code ?? ''} ${json.detail ?? ''}`);
    } else if (answer.status < 300) acknowledged(answer);
    return answer;
  }

  return {
    ask,
    answers: () => answers,
    lost: () => lost,
    reached(count: number): Promise<void> {
      return new Promise((resolve) => {
        if (answers >= count || lost) resolve();
        watched = { answers: count, reached: resolve };
      });
    },
    end: () => watched.reached(),

    create(merchant: string, submitted: SubmittedPayment, headers: Record<string, string> = {}) {
      const call: Call = { merchant, method: 'POST', path: '/payments', body: { ...submitted }, headers };
      return ask(call, [201], (answer) => ledger.payment(merchant, submitted, answer));
    },

    operate(
      merchant: string,
      paymentId: string,
      route: 'capture' | 'cancel' | 'refunds',
      operation: AcknowledgedOperation,
      expected: readonly number[] = [202],
    ) {
      const { id, amount, reason } = operation;
      const body = {
        ...(amount !== null && { amount }),
        ...(reason !== null && { reason }),
        ...(id !== null && { refund_id: id }),
      };
      const headers: Record<string, string> = id === null ? { 'idempotency-key': `${route}-1` } : {};
      const call: Call = { merchant, method: 'POST', path: `/payments/${paymentId}/${route}`, body, headers };
      return ask(call, expected, (answer) => {
        ledger.operation(merchant, paymentId, operation);
        if (route !== 'refunds') ledger.shown(merchant, answer);
      });
    },
  };
}

/** Sends again what got no answer, as merchants do: by its id or key it is done once, whatever had become of it. */
export async function sendAgain(deps: CallsDeps & { connections: number }) {
  const calls = createCalls(deps);
  // In order of a payment: an operation needs the payment that it is of to be known.
  const requests = deps.ledger.takeUnanswered();
  await eachOf(requests, deps.connections, async ({ call, expected, acknowledged }) => {
    await calls.ask(call, expected, acknowledged);
  });
  return requests.length;
}
