import type { BatchResultErrorEntry } from '@aws-sdk/client-sqs';

/** Whether a message could not be deleted because its receipt is no longer good: it was received again, or deleted. */
export function isStaleReceipt({ Code = '', Message = '' }: BatchResultErrorEntry): boolean {
  return Code.endsWith('ReceiptHandleIsInvalid') || /receipt handle has expired/i.test(Message);
}
