import type { PaymentStatus } from '../domain/payment.ts';

/** What is counted. No label may carry an id or anything of a merchant (invariants 10 and 11). */
export interface Metrics {
  /** Starts a stopwatch; the result answers the seconds since. */
  stopwatch(): () => number;
  /** @param route the route's template, never the path that was asked for */
  request(route: string, method: string, status: number, seconds: number): void;
  /** A payment reached this status. */
  payment(status: PaymentStatus): void;
  /** The PSP reported success after it had confirmed a cancel. */
  lateSuccess(): void;
  /** Everything, in the Prometheus text format. */
  render(): Promise<string>;
}
