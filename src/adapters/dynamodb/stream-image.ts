import type { Payment } from '../../domain/payment.ts';
import type { StoredItem } from './attributes.ts';
import { isPaymentItem, toPayment } from './payment-item.ts';

/**
 * The payment in a stream record's `NewImage`, as Lambda passes it.
 * @throws TypeError if it is something else that the table holds: the event filters let none of it through
 */
export function decodeStreamImage(image: StoredItem): Payment {
  return toPayment(image);
}

/** Whether an image is one of a payment: the table's stream carries API keys too. */
export function isPaymentImage(image: StoredItem): boolean {
  return isPaymentItem(image);
}
