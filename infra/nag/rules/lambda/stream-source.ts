import { findings, NOT_APPLICABLE, type PaymentRule } from '../../rule.ts';
import { at, numberOf } from '../../template-values.ts';
import { EVENT_SOURCE_MAPPING, sourceKind } from './event-source.ts';

/** A DynamoDB stream forgets after 24 hours: what is retried longer is lost without reaching the destination. */
const STREAM_KEEPS_SECONDS = 24 * 60 * 60;

/** -1 stands for "for ever", with retries as with age. */
function isBounded(value: unknown, what: string, below: number): boolean {
  if (value === undefined) return false;
  const number = numberOf(value, what);
  return number >= 0 && number < below;
}

export const streamSource: PaymentRule = {
  name: 'StreamSource',
  info: 'The stream mapping skips early records, or one poison record can block its shard until records are lost.',
  reason:
    'From LATEST the first writes are never seen; unbounded retries hold a shard until the stream forgets.',
  source: 'Lambda Developer Guide, "Process DynamoDB records with Lambda"; trap "stream from LATEST"',
  types: [EVENT_SOURCE_MAPPING],
  check(mapping, { stack }) {
    if (sourceKind(mapping, stack) !== 'stream') return NOT_APPLICABLE;
    const get = (...path: string[]) => at(mapping.properties, ...path);
    const age = get('MaximumRecordAgeInSeconds');
    const retries = get('MaximumRetryAttempts');
    return findings({
      StartingPosition: get('StartingPosition') !== 'TRIM_HORIZON',
      BisectBatchOnFunctionError: get('BisectBatchOnFunctionError') !== true,
      MaximumRetryAttempts: !isBounded(retries, 'MaximumRetryAttempts', Number.POSITIVE_INFINITY),
      MaximumRecordAgeInSeconds: !isBounded(age, 'MaximumRecordAgeInSeconds', STREAM_KEEPS_SECONDS),
      OnFailure: get('DestinationConfig', 'OnFailure', 'Destination') === undefined,
    });
  },
};
