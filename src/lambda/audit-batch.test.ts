import { describe, expect, it } from 'vitest';
import { decodeStreamImage } from '../adapters/dynamodb/stream-image.ts';
import { createMemoryAuditLog, emptyAuditState } from '../adapters/memory/memory-audit-log.ts';
import { auditEntry } from '../domain/audit-entry.ts';
import { aNewPayment, answered, NOW_MS, RESULTS } from '../domain/payment.fixture.ts';
import type { AuditEntry } from '../ports/audit-log.ts';
import { UnavailableError } from '../ports/faults.ts';
import { createAuditBatch } from './audit-batch.ts';
import {
  keyWritten,
  removedByTtl,
  sequenceNumber,
  streamEvent,
  unreadable,
  written,
} from './events.fixture.ts';
import { recordedLog, recordedMeasurements } from './recorded.fixture.ts';

const LAG_MS = 61_500;

const one = aNewPayment();
const two = aNewPayment({ payment_id: 'order-2', nowMs: NOW_MS + 1_000 });
const asked = answered(one, RESULTS.pending);
const completed = answered(asked, RESULTS.succeeded, { nowMs: NOW_MS + 2_000 });

function start() {
  const state = emptyAuditState();
  const log = createMemoryAuditLog(state);
  const appended: { entries: readonly AuditEntry[]; position: string }[] = [];
  const bucket = { isDown: false };
  const measurements = recordedMeasurements();
  const logger = recordedLog();
  const batch = createAuditBatch({
    log: {
      async append(entries, position) {
        if (bucket.isDown) throw new UnavailableError('The bucket is down.');
        appended.push({ entries, position });
        return log.append(entries, position);
      },
    },
    decode: decodeStreamImage,
    measurements,
    clock: { now: () => NOW_MS + LAG_MS },
    logger,
  });
  return { state, log, appended, bucket, measurements, logger, batch };
}

describe('a batch of changes for the audit', () => {
  it('is appended at once, a record for each change, with the position of the last one', async () => {
    const { appended, log, batch } = start();
    const event = streamEvent([written(one), written(asked, one), keyWritten(), written(two)]);
    expect(await batch(event)).toEqual({ batchItemFailures: [] });
    expect(appended).toEqual([
      { entries: [one, asked, two].map((payment) => auditEntry(payment)), position: sequenceNumber(4) },
    ]);
    expect(await log.verify()).toMatchObject({ ok: true, head: { records: 3 } });
  });

  it('that holds no change is not written', async () => {
    const { appended, measurements, batch } = start();
    expect(await batch(streamEvent([keyWritten(), removedByTtl(completed)]))).toEqual({
      batchItemFailures: [],
    });
    expect([appended, measurements.taken]).toEqual([[], []]);
  });

  it('comes again from its first change on when it could not be written, and is counted when it is', async () => {
    const { appended, bucket, measurements, logger, batch } = start();
    const event = streamEvent([keyWritten(), written(one), written(two)]);
    bucket.isDown = true;
    expect(await batch(event)).toEqual({ batchItemFailures: [{ itemIdentifier: sequenceNumber(2) }] });
    expect([appended, measurements.taken]).toEqual([[], []]);
    expect(logger.lines).toEqual(['error: not audited; it is tried again']);
    bucket.isDown = false;
    expect(await batch(event)).toEqual({ batchItemFailures: [] });
    expect(measurements.taken).toEqual([
      ['AuditLagSeconds', LAG_MS / 1_000],
      ['processing', 2],
    ]);
  });

  it('is written up to a change that cannot be read, and that one is named', async () => {
    const { appended, batch } = start();
    const event = streamEvent([written(one), written(two), unreadable(completed), written(asked, one)]);
    expect(await batch(event)).toEqual({ batchItemFailures: [{ itemIdentifier: sequenceNumber(3) }] });
    expect(appended.map(({ entries, position }) => [entries.length, position])).toEqual([
      [2, sequenceNumber(2)],
    ]);
  });

  it('writes and counts nothing twice when the rest of it comes again and is split', async () => {
    const { state, measurements, batch } = start();
    const [first, poison, ...rest] = [written(one), unreadable(completed), written(two), written(asked, one)];
    await batch(streamEvent([first, poison, ...rest] as Parameters<typeof streamEvent>[0]));
    const again = streamEvent([poison, ...rest] as Parameters<typeof streamEvent>[0]);
    await expect(batch(again)).rejects.toThrow(/to be split/);
    const [alone, others] = [again.Records.slice(0, 1), again.Records.slice(1)];
    expect(await batch({ Records: alone })).toEqual({
      batchItemFailures: [{ itemIdentifier: sequenceNumber(1) }],
    });
    expect(await batch({ Records: others })).toEqual({ batchItemFailures: [] });
    expect(state.lines).toHaveLength(3);
    expect(measurements.taken.filter(([name]) => name === 'processing')).toEqual([
      ['processing', 1],
      ['processing', 1],
    ]);
  });
});

describe('the measurements of a batch', () => {
  it('count a payment where it reaches a status, and not where it stays in it', async () => {
    const { measurements, batch } = start();
    await batch(streamEvent([written(one), written(two), written(asked, one), written(completed, asked)]));
    expect(measurements.taken.slice(1)).toEqual([
      ['processing', 2],
      ['completed', 1],
    ]);
  });

  it('tell how old the oldest change was, whichever place it has', async () => {
    const { measurements, batch } = start();
    await batch(streamEvent([written(completed, asked), written(two)]));
    expect(measurements.taken[0]).toEqual(['AuditLagSeconds', (LAG_MS - 1_000) / 1_000]);
  });

  it('are never of the future, when the clocks of two machines differ', async () => {
    const { measurements, batch } = start();
    await batch(streamEvent([written(aNewPayment({ nowMs: NOW_MS + LAG_MS + 1 }))]));
    expect(measurements.taken[0]).toEqual(['AuditLagSeconds', 0]);
  });
});
