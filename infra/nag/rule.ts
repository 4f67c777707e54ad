import { NagRuleCompliance, type NagRuleResult } from 'cdk-nag';
import type { StackInventory, TemplateResource } from './inventory.ts';

/** What the rules have to know of the app that they check. */
export interface PackSettings {
  /** Rules about retention and locks hold in `prod` only; `dev` goes with `cdk destroy`. */
  readonly profile: 'dev' | 'prod';
  /** `existing`: the role by which API Gateway logs is in this account and region already. */
  readonly apiGatewayAccount: 'create' | 'existing';
  /** A bucket whose name starts so, or whose tag `DataClass` is `audit`, holds the audit log. */
  readonly auditBucketPrefix: string;
  /** Requests in five minutes from one address, above which a rate-based rule is no protection. */
  readonly maxRatePerAddress: number;
  /** The same for rules that count by anything else, such as an API key. */
  readonly maxRatePerKey: number;
}

export interface RuleContext {
  readonly stack: StackInventory;
  readonly settings: PackSettings;
}

export interface PaymentRule {
  /** The finding is named `Payment-<name>`. */
  readonly name: string;
  /** What is wrong where the rule is broken. */
  readonly info: string;
  /** Why it matters. */
  readonly reason: string;
  /** The requirement or the documentation that it comes from. */
  readonly source: string;
  /** To resources of other types the rule does not apply. */
  readonly types: readonly string[];
  check(resource: TemplateResource, context: RuleContext): NagRuleResult;
}

export const NOT_APPLICABLE = NagRuleCompliance.NOT_APPLICABLE;

/** The answer of a rule with one question. */
export function judge(isGood: boolean): NagRuleResult {
  return isGood ? NagRuleCompliance.COMPLIANT : NagRuleCompliance.NON_COMPLIANT;
}

/**
 * The answer of a rule with several questions: each finding is named (`Payment-StreamSource[OnFailure]`), and each has
 * to be acknowledged by its name.
 * @param broken each possible finding, and whether it is there.
 */
export function findings(broken: Readonly<Record<string, boolean>>): NagRuleResult {
  const found = Object.keys(broken).filter((name) => broken[name]);
  return found.length === 0 ? NagRuleCompliance.COMPLIANT : found;
}

export function checkRule(
  rule: PaymentRule,
  resource: TemplateResource,
  context: RuleContext,
): NagRuleResult {
  return rule.types.includes(resource.type) ? rule.check(resource, context) : NOT_APPLICABLE;
}
