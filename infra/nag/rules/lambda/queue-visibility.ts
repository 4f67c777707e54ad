import { judge, NOT_APPLICABLE, type PaymentRule } from '../../rule.ts';
import { at, numberOf } from '../../template-values.ts';
import { EVENT_SOURCE_MAPPING, functionBehind, sourceQueue } from './event-source.ts';

/** Lambda retries a throttled batch for some time before it gives the messages back. */
const TIMEOUTS_WITHIN_VISIBILITY = 6;

/** What AWS takes where the template says nothing. */
const DEFAULT_TIMEOUT_SECONDS = 3;
const DEFAULT_VISIBILITY_SECONDS = 30;

export const queueVisibility: PaymentRule = {
  name: 'QueueVisibility',
  info: "The queue's visibility timeout is below 6 × its function's timeout plus the batch window.",
  reason:
    'A message that becomes visible while its batch is still worked on is worked on twice at the same time.',
  source:
    'Lambda Developer Guide, "Using Lambda with Amazon SQS"; trap "visibility timeout < 6 × function timeout"',
  types: [EVENT_SOURCE_MAPPING],
  check(mapping, { stack }) {
    const queue = sourceQueue(mapping, stack);
    const worker = functionBehind(at(mapping.properties, 'FunctionName'), stack);
    // A queue or function of another stack is that stack's to check.
    if (!queue || !worker) return NOT_APPLICABLE;
    const timeout = at(worker.properties, 'Timeout') ?? DEFAULT_TIMEOUT_SECONDS;
    const visibility = at(queue.properties, 'VisibilityTimeout') ?? DEFAULT_VISIBILITY_SECONDS;
    const window = at(mapping.properties, 'MaximumBatchingWindowInSeconds') ?? 0;
    const needed =
      TIMEOUTS_WITHIN_VISIBILITY * numberOf(timeout, 'The timeout of the function') +
      numberOf(window, 'The batch window');
    return judge(numberOf(visibility, 'The visibility timeout of the queue') >= needed);
  },
};
