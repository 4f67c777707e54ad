import type { Payment, PaymentRef } from '../../src/domain/payment.ts';
import type { World } from './world.ts';

/** Every payment as it was written, kept apart from the store: what the store says is held against it. */
export interface Ledger {
  write(payment: Payment): void;
  get(ref: PaymentRef): Payment | null;
  /** The version before this one; null of the first. */
  before(payment: Payment): Payment | null;
  payments(): Iterable<Payment>;
  /** Told after each write. */
  onWrite(listener: (payment: Payment, previous: Payment | null) => void): void;
}

function keyOf({ livemode, merchant_id, payment_id }: PaymentRef): string {
  return `${livemode}/${merchant_id}/${payment_id}`;
}

export function createLedger(world: World): Ledger {
  const now = new Map<string, Payment>();
  const earlier = new Map<string, Payment>();
  const listeners: ((payment: Payment, previous: Payment | null) => void)[] = [];

  return {
    write(payment) {
      const key = keyOf(payment);
      const previous = now.get(key) ?? null;
      now.set(key, payment);
      if (previous) earlier.set(key, previous);
      if (previous?.status !== payment.status) world.count(`status:${payment.status}`);
      world.see({ kind: 'written', payment, previous });
      for (const listener of listeners) listener(payment, previous);
    },
    get: (ref) => now.get(keyOf(ref)) ?? null,
    before: (payment) => earlier.get(keyOf(payment)) ?? null,
    payments: () => now.values(),
    onWrite: (listener) => void listeners.push(listener),
  };
}
