import { judge, NOT_APPLICABLE, type PaymentRule } from '../../rule.ts';
import { at } from '../../template-values.ts';
import { EVENT_SOURCE_MAPPING, functionBehind } from './event-source.ts';

export const polledDeadLetters: PaymentRule = {
  name: 'PolledDeadLetters',
  info: 'The function has a dead-letter target, but only event source mappings invoke it.',
  reason:
    'It is used for asynchronous invocations only: here it stays empty, and looks as if nothing ever failed.',
  source:
    'Lambda Developer Guide, "Dead-letter queues"; trap "dead-letter config on polled functions does nothing"',
  types: ['AWS::Lambda::Function'],
  check(resource, { stack }) {
    const invokes = (type: string) =>
      stack
        .ofType(type)
        .some((one) => functionBehind(at(one.properties, 'FunctionName'), stack) === resource);
    // A permission is given to a service or an account that invokes it otherwise.
    const isOnlyPolled = invokes(EVENT_SOURCE_MAPPING) && !invokes('AWS::Lambda::Permission');
    return isOnlyPolled ? judge(at(resource.properties, 'DeadLetterConfig') === undefined) : NOT_APPLICABLE;
  },
};
