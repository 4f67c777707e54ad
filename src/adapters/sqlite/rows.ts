import type { Partition, Payment } from '../../domain/payment.ts';
import { fromRecord } from '../../domain/payment-record.ts';

/** The leading part of every stored key: nothing is ever read across it. */
export function partitionKey(partition: Partition): string {
  return `${partition.livemode ? 'live' : 'test'}/${partition.merchant_id}`;
}

export function parsePartitionKey(key: string): Partition {
  return { merchant_id: key.slice('test/'.length), livemode: key.startsWith('live/') };
}

/**
 * The number of rows to read, as a parameter. Asked for bare, SQLite plans by the number itself, and so plans the
 * statement anew each time that it is used: two to nine microseconds.
 */
export const LIMIT = 'LIMIT ? + 0';

export interface RecordRow {
  record: string;
}

export function parsePayment(row: RecordRow): Payment {
  return fromRecord(JSON.parse(row.record));
}
