import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import { auditEntry } from '../domain/audit-entry.ts';
import type { Payment, PaymentStatus } from '../domain/payment.ts';
import type { AuditLog } from '../ports/audit-log.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { Measurements } from '../ports/measurements.ts';
import { type DecodeImage, failedFrom, readBatch } from './stream-batch.ts';

interface Deps {
  log: Pick<AuditLog, 'append'>;
  decode: DecodeImage;
  measurements: Measurements;
  clock: Clock;
  logger: Logger;
}

/** Writes a batch of changes to the audit log as one object, and counts the payments that reached a status in it. */
export function createAuditBatch({ log, decode, measurements, clock, logger }: Deps) {
  function measure(payments: readonly Payment[]): void {
    const oldest = payments.map(({ updated_at }) => updated_at).sort()[0] as string;
    measurements.figure('AuditLagSeconds', Math.max(0, clock.now() - Date.parse(oldest)) / 1_000);
    for (const [status, count] of countByNewStatus(payments)) measurements.payments(status, count);
  }

  return async (event: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> => {
    const { payments, first, last, unreadable } = readBatch(event, decode, logger);
    if (payments.length === 0) return failedFrom(unreadable);
    try {
      await log.append(payments.map(auditEntry), last);
    } catch (error) {
      logger.error({ changes: payments.length, error: String(error) }, 'not audited; it is tried again');
      return failedFrom(first);
    }
    measure(payments);
    return failedFrom(unreadable);
  };
}

/** Changes that moved their payment to another status, by that status. */
function countByNewStatus(payments: readonly Payment[]): Map<PaymentStatus, number> {
  const counts = new Map<PaymentStatus, number>();
  for (const { history, status } of payments) {
    if (history.at(-2)?.status !== status) counts.set(status, (counts.get(status) ?? 0) + 1);
  }
  return counts;
}
