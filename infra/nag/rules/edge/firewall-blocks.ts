import type { NagRuleResult } from 'cdk-nag';
import { findings, type PackSettings, type PaymentRule } from '../../rule.ts';
import { at, flatText, items, numberOf } from '../../template-values.ts';

/** What AWS takes where a rule names no window; the bounds are given for the same five minutes. */
const DEFAULT_WINDOW_SECONDS = 300;

function isOnlyCounting(rule: unknown): boolean {
  const statement = at(rule, 'Statement');
  const isGroup = ['ManagedRuleGroupStatement', 'RuleGroupReferenceStatement'].some(
    (kind) => at(statement, kind) !== undefined,
  );
  // A single rule of a group may only count; the whole group must not.
  if (isGroup) return at(rule, 'OverrideAction', 'Count') !== undefined;
  return at(statement, 'RateBasedStatement') !== undefined && at(rule, 'Action', 'Block') === undefined;
}

function rateOf(rule: unknown): unknown {
  return at(rule, 'Statement', 'RateBasedStatement');
}

/** Requests in five minutes. */
function rateLimit(rule: unknown): number {
  const limit = numberOf(at(rateOf(rule), 'Limit'), 'The limit of the rate-based rule');
  const window = numberOf(
    at(rateOf(rule), 'EvaluationWindowSec') ?? DEFAULT_WINDOW_SECONDS,
    'Its evaluation window',
  );
  return limit * (DEFAULT_WINDOW_SECONDS / window);
}

/** Whether requests from one address are held to the lower bound. Higher rules may stand beside it, as a ceiling. */
function holdsAddresses(rule: unknown, { maxRatePerAddress }: PackSettings): boolean {
  const kind = at(rateOf(rule), 'AggregateKeyType') ?? 'IP';
  return (kind === 'IP' || kind === 'FORWARDED_IP') && rateLimit(rule) <= maxRatePerAddress;
}

export const firewallBlocks: PaymentRule = {
  name: 'FirewallBlocks',
  info: 'A rule group of the firewall only counts, or no rate-based rule blocks, or its limit is too high.',
  reason: 'A group that only counts is for trying it out; left so, the firewall lets everything pass.',
  source: 'PCI DSS 4.0.1 requirement 6.4.2 (attacks are detected and prevented)',
  types: ['AWS::WAFv2::WebACL'],
  check({ properties }, { settings }): NagRuleResult {
    const rules = items(at(properties, 'Rules'));
    const rates = rules.filter((rule) => rateOf(rule) !== undefined);
    const named = (kind: string, broken: readonly unknown[]) =>
      Object.fromEntries(broken.map((rule) => [`${kind}::${flatText(at(rule, 'Name'))}`, true]));
    return findings({
      RateLimit: !rates.some((rule) => holdsAddresses(rule, settings)),
      ...named('Counts', rules.filter(isOnlyCounting)),
      ...named(
        'Limit',
        rates.filter((rule) => rateLimit(rule) > settings.maxRatePerKey),
      ),
    });
  },
};
