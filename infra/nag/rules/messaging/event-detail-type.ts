import { findings, NOT_APPLICABLE, type PaymentRule } from '../../rule.ts';
import { at, items } from '../../template-values.ts';
import { DETAIL_TYPES, DETAIL_TYPES_OF_ALL } from './detail-types.ts';

/** Of our own events nobody but we knows the names. */
function isOfAws(source: unknown): source is string {
  return typeof source === 'string' && source.startsWith('aws.');
}

export const eventDetailType: PaymentRule = {
  name: 'EventDetailType',
  info: 'The event rule waits for a detail type that none of its sources sends.',
  reason: 'An invented name synthesises and deploys, and the rule never fires.',
  source: 'Amazon EventBridge Events Reference; trap "invented event detail types"',
  types: ['AWS::Events::Rule'],
  check({ properties }) {
    const pattern = at(properties, 'EventPattern');
    const sources = items(at(pattern, 'source'));
    const wanted = items(at(pattern, 'detail-type')).filter((type) => typeof type === 'string');
    if (sources.length === 0 || !sources.every(isOfAws) || wanted.length === 0) return NOT_APPLICABLE;
    const known = [...DETAIL_TYPES_OF_ALL, ...sources.flatMap((source) => DETAIL_TYPES[source] ?? [])];
    return findings(Object.fromEntries(wanted.map((type) => [type, !known.includes(type)])));
  },
};
