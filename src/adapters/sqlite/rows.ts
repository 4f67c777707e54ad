import type { Partition, Payment } from '../../domain/payment.ts';
import { fromRecord } from '../../domain/payment-record.ts';

/** The leading part of every stored key: nothing is ever read across it. */
export function partitionKey(partition: Partition): string {
  return `${partition.livemode ? 'live' : 'test'}/${partition.merchant_id}`;
}

export function parsePartitionKey(key: string): Partition {
  return { merchant_id: key.slice('test/'.length), livemode: key.startsWith('live/') };
}

export interface RecordRow {
  record: string;
}

export function parsePayment(row: RecordRow): Payment {
  return fromRecord(JSON.parse(row.record));
}
