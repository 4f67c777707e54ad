/**
 * A store, queue or log did not take what it was given, or could not be asked. Nothing may be assumed about the
 * write but this: if it was a payment, the same request asked again tells.
 */
export class UnavailableError extends Error {
  override readonly name = 'UnavailableError';
}

/** What a connector throws. `outcome` is what the caller decides on. */
export class PspError extends Error {
  override readonly name = 'PspError';
  /** `not_executed`: certainly nothing happened. `unknown`: money may have moved. */
  readonly outcome: 'not_executed' | 'unknown';
  /** Whether asking again may help; only for `not_executed`. */
  readonly retryable: boolean;

  constructor(outcome: 'not_executed' | 'unknown', message: string, retryable = true) {
    super(message);
    this.outcome = outcome;
    this.retryable = retryable;
  }
}
