import { hash } from 'node:crypto';
import type { PspRequest } from '../../ports/connector.ts';

/** What is not a token may be anything, a card number too: never kept as it is. */
export function hashed(paymentMethod: string): string {
  return `sha256:${hash('sha256', paymentMethod, 'base64url')}`;
}

/** Whether a key is repeated with the request that it was first used for. */
export function isSame(a: PspRequest, b: PspRequest): boolean {
  return (
    a.kind === b.kind &&
    a.amount === b.amount &&
    a.currency === b.currency &&
    a.payment_method === b.payment_method &&
    a.return_url === b.return_url &&
    a.original_reference === b.original_reference &&
    a.original_key === b.original_key &&
    a.merchant_id === b.merchant_id &&
    a.livemode === b.livemode &&
    a.payment_id === b.payment_id &&
    a.operation_id === b.operation_id
  );
}
