import { MAX_HISTORY } from '../domain/limits.ts';
import type { Payment, PaymentRef } from '../domain/payment.ts';
import { UnavailableError } from '../ports/faults.ts';
import type { PaymentStore } from '../ports/payment-store.ts';

/**
 * How often a decision is made anew because another writer was faster. Each time the payment has got another version,
 * and it has no more versions than this: so however many fight over one payment, nobody loses for ever.
 */
export const MAX_DECISIONS = MAX_HISTORY;

/** What to do with the payment as it is now: write the next version, or leave it and answer with `T`. */
export type Choice<T> = { write: Payment; answer: T } | { leave: T };

/**
 * Reads, decides, writes if nobody else has; otherwise reads again and decides again (design §2.4). Null if there is
 * no such payment.
 * @param known the payment as just read, to save the first read
 * @throws UnavailableError if the store fails, or after `MAX_DECISIONS` lost writes
 */
export async function changePayment<T>(
  store: Pick<PaymentStore, 'get' | 'update'>,
  ref: PaymentRef,
  decide: (payment: Payment) => Choice<T>,
  known?: Payment,
): Promise<T | null> {
  let payment = known ?? (await store.get(ref));
  for (let n = 0; n < MAX_DECISIONS; n++) {
    if (!payment) return null;
    const choice = decide(payment);
    if ('leave' in choice) return choice.leave;
    if (await store.update(choice.write)) return choice.answer;
    payment = await store.get(ref);
  }
  throw new UnavailableError(
    `${MAX_DECISIONS} other writes to this payment were faster. Ask again in a moment.`,
  );
}
