import type { Resource } from '../../infra/checks/template-model.ts';
import { at, flatText, items } from '../../infra/nag/template-values.ts';
import { free, type Part, type Registry } from './reader.ts';
import { byTheMonth } from './standing.ts';

/** AWS's own rule groups that cost nothing beyond the rule that uses them. */
const PLAIN_GROUPS = [
  'AWSManagedRulesAdminProtectionRuleSet',
  'AWSManagedRulesAmazonIpReputationList',
  'AWSManagedRulesAnonymousIpList',
  'AWSManagedRulesCommonRuleSet',
  'AWSManagedRulesKnownBadInputsRuleSet',
  'AWSManagedRulesLinuxRuleSet',
  'AWSManagedRulesSQLiRuleSet',
  'AWSManagedRulesUnixRuleSet',
];

export const FIREWALL: Registry = {
  'AWS::WAFv2::WebACL': { fixed: webAcls },
  'AWS::WAFv2::RuleGroup': { fixed: ruleGroups },
  'AWS::WAFv2::LoggingConfiguration': { volume: 'log of what it blocks or counts' },
  ...free(
    'paid for with the ACL that it belongs to',
    'AWS::WAFv2::WebACLAssociation',
    'AWS::WAFv2::IPSet',
    'AWS::WAFv2::RegexPatternSet',
  ),
};

function webAcls(found: readonly Resource[]): Part[] {
  return [
    ...byTheMonth({ component: 'firewall', what: 'web ACL', price: 'waf.acl', count: found.length }),
    ...byTheMonth({
      component: 'firewall',
      what: 'rules and rule groups of the ACL',
      price: 'waf.rule',
      count: rulesOf(found).length,
      note: rulesOf(found)
        .map((rule) => flatText(at(rule, 'Name')))
        .join(', '),
    }),
    ...found.flatMap(paidGroups),
  ];
}

/** Rules in a group of one's own cost as much as those of the ACL. */
function ruleGroups(found: readonly Resource[]): Part[] {
  return byTheMonth({
    component: 'firewall',
    what: 'rules in groups of rules',
    price: 'waf.rule',
    count: rulesOf(found).length,
  });
}

function rulesOf(found: readonly Resource[]): unknown[] {
  return found.flatMap(({ properties }) => items(at(properties, 'Rules')));
}

function paidGroups({ id, properties }: Resource): Part[] {
  return items(at(properties, 'Rules'))
    .map((rule) => at(rule, 'Statement', 'ManagedRuleGroupStatement'))
    .filter((group) => group !== undefined)
    .filter((group) => !PLAIN_GROUPS.includes(flatText(at(group, 'Name'))))
    .map((group) => ({
      logicalId: id,
      why: `the managed rules ${flatText(at(group, 'Name'))}, which may cost more than the rule`,
    }));
}
