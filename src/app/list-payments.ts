import type { Partition, Payment, PaymentStatus } from '../domain/payment.ts';
import type { PaymentStore } from '../ports/payment-store.ts';
import type { Secrets } from '../ports/secrets.ts';
import { decodeCursor, encodeCursor } from './list-cursor.ts';

export interface ListRequest {
  partition: Partition;
  status?: PaymentStatus | undefined;
  limit: number;
  cursor?: string | undefined;
  created_after?: string | undefined;
  created_before?: string | undefined;
}

export type Listed = { payments: Payment[]; next_cursor: string | null } | { refused: 'invalid_cursor' };

/** Newest first, a page at a time; the cursor is good for the same merchant, mode and filter only. */
export function createListPayments({ store, secrets }: { store: PaymentStore; secrets: Secrets }) {
  return async ({ partition, limit, cursor, ...bounds }: ListRequest): Promise<Listed> => {
    const filter = { ...partition, ...bounds };
    const keys = await secrets.cursorKeys();
    const after = cursor === undefined ? undefined : decodeCursor(keys, filter, cursor);
    if (after === null) return { refused: 'invalid_cursor' };
    // One more than asked tells whether there is a next page.
    const found = await store.list({ ...partition, ...bounds, after, limit: limit + 1 });
    const payments = found.slice(0, limit);
    const last = payments.at(-1);
    const more = found.length > limit && last !== undefined;
    return { payments, next_cursor: more ? encodeCursor(keys, filter, last) : null };
  };
}

export type ListPayments = ReturnType<typeof createListPayments>;
