import { judge, NOT_APPLICABLE, type PaymentRule } from '../../rule.ts';
import { at, texts } from '../../template-values.ts';
import { EVENT_SOURCE_MAPPING, sourceKind } from './event-source.ts';

export const partialBatch: PaymentRule = {
  name: 'PartialBatch',
  info: 'The event source mapping does not report failed items of a batch (ReportBatchItemFailures).',
  reason:
    'One poison message would send its whole batch back, good payments with it, until all are dead letters.',
  source:
    'Lambda Developer Guide, "Handling errors for an SQS event source"; trap "no partial batch responses"',
  types: [EVENT_SOURCE_MAPPING],
  check(mapping, { stack }) {
    if (sourceKind(mapping, stack) === 'other') return NOT_APPLICABLE;
    return judge(texts(at(mapping.properties, 'FunctionResponseTypes')).includes('ReportBatchItemFailures'));
  },
};
