import { type Call, eachOf, type Send } from './client.ts';
import type { Acknowledged, AcknowledgedOperation, SubmittedPayment } from './ledger.ts';

const FINAL = ['completed', 'failed', 'canceled'];
const CONNECTIONS = 16;

/** Asks a restarted server for what was acknowledged before: it must be there, as submitted, and no older. */
export async function checkAcknowledged(
  send: Send,
  acknowledged: readonly Acknowledged[],
  found: (finding: string) => void,
): Promise<void> {
  async function fetched(known: Acknowledged, below = ''): Promise<Record<string, unknown> | null> {
    const { merchant, submitted } = known;
    const call: Call = { merchant, method: 'GET', path: `/payments/${submitted.payment_id}${below}` };
    const answer = await send(call);
    if (answer?.status === 200) return answer.json;
    const code = answer ? `${answer.status} ${answer.json.code ?? ''}` : 'nothing';
    found(`Acknowledged and not there: ${named(known)}; GET ${call.path} was answered ${code}`);
    return null;
  }

  await eachOf(acknowledged, CONNECTIONS, async (known) => {
    const shown = await fetched(known);
    if (!shown) return;
    for (const problem of differences(known.submitted, shown)) found(`${named(known)}: ${problem}`);
    if (Number(shown.version) < known.version) {
      found(`${named(known)} went back from version ${known.version} to ${shown.version}`);
    }
    if (FINAL.includes(known.status) && shown.status !== known.status) {
      found(`${named(known)} was ${known.status}, and now is ${shown.status}`);
    }
    if (known.operations.length === 0) return;
    const history = await fetched(known, '/history');
    const kinds = (history?.data as { kind: string }[] | undefined)?.map(({ kind }) => kind) ?? [];
    for (const { kind } of known.operations) {
      if (!kinds.includes(kind)) found(`Acknowledged and not there: a ${kind} of ${named(known)}`);
    }
    const refunds = known.operations.filter(({ kind }) => kind === 'refund');
    for (const refund of refunds) {
      const stored = await fetched(known, `/refunds/${refund.id}`);
      if (stored && (stored.amount !== refund.amount || stored.reason !== refund.reason)) {
        found(`${named(known)}: refund ${JSON.stringify(refund)} is stored as ${JSON.stringify(stored)}`);
      }
    }
  });
}

export function named({ merchant, submitted }: Pick<Acknowledged, 'merchant' | 'submitted'>): string {
  return `${merchant} ${submitted.payment_id}`;
}

/** Where what is stored differs from what was submitted. */
export function differences(submitted: SubmittedPayment, stored: object): string[] {
  return Object.entries(submitted).flatMap(([field, value]) => {
    const asked = JSON.stringify(value);
    const kept = JSON.stringify((stored as Record<string, unknown>)[field]);
    return asked === kept ? [] : [`${field} was submitted as ${asked} and is stored as ${kept}`];
  });
}

/** Which of the operations are not among what is stored of the payment. */
export function missingOperations(
  asked: readonly AcknowledgedOperation[],
  stored: readonly { id: string; kind: string; amount: number; reason: string | null }[],
): AcknowledgedOperation[] {
  return asked.filter(
    (operation) =>
      !stored.some(
        ({ id, kind, amount, reason }) =>
          kind === operation.kind &&
          (operation.id ?? id) === id &&
          (operation.amount ?? amount) === amount &&
          operation.reason === reason,
      ),
  );
}
