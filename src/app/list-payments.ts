import type { Partition, Payment, PaymentStatus } from '../domain/payment.ts';
import type { ListPlace, PaymentStore } from '../ports/payment-store.ts';
import type { Secrets } from '../ports/secrets.ts';
import { decodeCursor, encodeCursor, type ListFilter } from './list-cursor.ts';

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
export function createListPayments({
  store,
  secrets,
}: {
  store: Pick<PaymentStore, 'list'>;
  secrets: Pick<Secrets, 'cursorKeys'>;
}) {
  async function placeOf(filter: ListFilter, cursor: string): Promise<ListPlace | null> {
    const place = decodeCursor(await secrets.cursorKeys(), filter, cursor);
    // Another process may sign with a key that was rotated in since this one looked.
    return place ?? decodeCursor(await secrets.cursorKeys({ fresh: true }), filter, cursor);
  }

  return async ({ partition, limit, cursor, ...bounds }: ListRequest): Promise<Listed> => {
    const filter = { ...partition, ...bounds };
    const after = cursor === undefined ? undefined : await placeOf(filter, cursor);
    if (after === null) return { refused: 'invalid_cursor' };
    // One more than asked tells whether there is a next page.
    const found = await store.list({ ...partition, ...bounds, after, limit: limit + 1 });
    const payments = found.slice(0, limit);
    const last = payments.at(-1);
    const more = found.length > limit && last !== undefined;
    return {
      payments,
      next_cursor: more ? encodeCursor(await secrets.cursorKeys(), filter, last) : null,
    };
  };
}

export type ListPayments = ReturnType<typeof createListPayments>;
