import type { Failure, NextAction } from './payment.ts';

/** What a PSP said when it was asked for an operation, or asked about one. */
export type PspAnswer =
  | { outcome: 'succeeded'; psp_reference: string; authorization_expires_at?: string | undefined }
  | { outcome: 'failed'; psp_reference: string | null; failure: Failure }
  | { outcome: 'requires_action'; psp_reference: string; next_action: NextAction }
  /** Accepted and not decided yet: it will be, and is to be looked up. */
  | { outcome: 'pending'; psp_reference: string };

/** What came of asking: an answer, or a fault of one of the two kinds that matter. */
export type PspResult =
  | PspAnswer
  /** Certainly nothing happened, and asking again may help. `attempt`: how often it has been asked by now. */
  | { outcome: 'not_executed'; attempt: number; retryAtMs: number; message: string }
  /** Certainly nothing happened, and asking again will not help. */
  | { outcome: 'rejected'; message: string }
  /** It has been asked for as often as it may be, and the PSP, looked up after all of that, knows nothing of it. */
  | { outcome: 'given_up'; message: string }
  /** Nobody knows: money may have moved. */
  | { outcome: 'unknown' };
