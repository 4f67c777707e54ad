import type { PaymentStatus } from '../domain/payment.ts';

/** What a deployment tells its monitoring, beyond what the cloud counts by itself. */
export interface Measurements {
  /** Payments that reached a status. Each change is counted at least once. */
  payments(status: PaymentStatus, count: number): void;
  /** A figure of the whole deployment. */
  figure(name: FigureName, value: number): void;
}

/**
 * `Backlog`: operations waiting. `DeadLetters`: what a person must settle. `AuditLagSeconds`: age of the oldest change
 * when it was written to the audit log. `LateSuccess`: successes that a PSP reported after a confirmed cancel.
 * `FailedEvents`: batches of changes that were given up and are kept aside.
 */
export type FigureName = 'Backlog' | 'DeadLetters' | 'AuditLagSeconds' | 'LateSuccess' | 'FailedEvents';
