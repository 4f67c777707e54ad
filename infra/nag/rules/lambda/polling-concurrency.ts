import { findings, NOT_APPLICABLE, type PaymentRule } from '../../rule.ts';
import { at, numberOf } from '../../template-values.ts';
import { EVENT_SOURCE_MAPPING, functionBehind, sourceKind } from './event-source.ts';

export const pollingConcurrency: PaymentRule = {
  name: 'PollingConcurrency',
  info: "The queue's mapping has no MaximumConcurrency, or one above the function's reserved concurrency.",
  reason:
    'Pollers take more than may run; what is throttled counts as received, and ends among the dead letters.',
  source:
    'Lambda Developer Guide, "Configuring scaling behavior for SQS event source mappings"; trap "over-pulls"',
  types: [EVENT_SOURCE_MAPPING],
  check(mapping, { stack }) {
    if (sourceKind(mapping, stack) !== 'queue') return NOT_APPLICABLE;
    const maximum = at(mapping.properties, 'ScalingConfig', 'MaximumConcurrency');
    if (maximum === undefined) return findings({ MaximumConcurrency: true });
    const worker = functionBehind(at(mapping.properties, 'FunctionName'), stack);
    const reserved = at(worker?.properties, 'ReservedConcurrentExecutions');
    if (reserved === undefined) return findings({});
    const isAbove = numberOf(maximum, 'MaximumConcurrency') > numberOf(reserved, 'The reserved concurrency');
    return findings({ ReservedConcurrency: isAbove });
  },
};
