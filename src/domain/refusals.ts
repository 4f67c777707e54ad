/** Expected refusals are values. The HTTP edge maps each to a status; a forgotten one does not compile. */
export type RefusalCode =
  | 'payment_not_capturable'
  | 'payment_not_cancelable'
  | 'payment_not_refundable'
  | 'capture_exceeds_authorized'
  | 'refund_exceeds_captured'
  | 'operation_in_progress'
  | 'too_many_operations';

export interface Refused {
  ok: false;
  code: RefusalCode;
  /** What was received, and what to do. */
  detail: string;
}

export function refuse(code: RefusalCode, detail: string): Refused {
  return { ok: false, code, detail };
}
