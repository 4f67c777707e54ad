import { decodeStreamImage } from '../adapters/dynamodb/stream-image.ts';
import { createLineLogger } from '../adapters/lines/line-logger.ts';
import { createSystemClock } from '../adapters/system/system-clock.ts';
import type { AwsConfig } from '../aws-config.ts';
import { createAuditBatch } from '../lambda/audit-batch.ts';
import type { Measurements } from '../ports/measurements.ts';
import { awsAuditLog } from './audit-log.ts';
import { awsMeasurements } from './measurements.ts';
import { type AwsBase, awsBase } from './parts.ts';

/** What the audit does with a batch; the sweep does it with batches that were given up. */
export function auditBatch(base: AwsBase, measurements: Measurements) {
  const { clock, logger } = base;
  return createAuditBatch({ log: awsAuditLog(base), decode: decodeStreamImage, measurements, clock, logger });
}

/** The function that writes the stream's changes to the audit log. */
export function auditHandler(config: AwsConfig) {
  const logger = createLineLogger(config.LOG_LEVEL, createSystemClock());
  const base = awsBase(config, logger);
  return auditBatch(base, awsMeasurements(base, logger));
}
