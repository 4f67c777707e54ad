import { App, CfnDeletionPolicy, CfnResource, Stack } from 'aws-cdk-lib';
import type { NagRuleResult } from 'cdk-nag';
import { createInventory } from './inventory.ts';
import { checkRule, type PackSettings, type PaymentRule } from './rule.ts';

/** A resource as a template has it, without the need to have all of it. */
export interface Fragment {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly DependsOn?: readonly string[];
  readonly DeletionPolicy?: CfnDeletionPolicy;
  readonly UpdateReplacePolicy?: CfnDeletionPolicy;
}

export const RETAIN = CfnDeletionPolicy.RETAIN;
export const RETAIN_EXCEPT_ON_CREATE = CfnDeletionPolicy.RETAIN_EXCEPT_ON_CREATE;

export const SETTINGS: PackSettings = {
  profile: 'prod',
  apiGatewayAccount: 'create',
  auditBucketPrefix: 'payment-audit-logs',
  maxRatePerAddress: 2_000,
  maxRatePerKey: 300_000,
};

/** A stack that holds these resources, under their own logical ids. */
export function stackOf(resources: Readonly<Record<string, Fragment>>): Stack {
  const stack = new Stack(new App(), 'Stack');
  for (const [id, fragment] of Object.entries(resources)) {
    const made = new CfnResource(stack, id, { type: fragment.Type, properties: { ...fragment.Properties } });
    made.cfnOptions.deletionPolicy = fragment.DeletionPolicy;
    made.cfnOptions.updateReplacePolicy = fragment.UpdateReplacePolicy;
    if (fragment.DependsOn) made.addOverride('DependsOn', fragment.DependsOn);
  }
  return stack;
}

/** What a rule says of the first of these resources. */
export function verdict(
  rule: PaymentRule,
  resources: Readonly<Record<string, Fragment>>,
  settings: Partial<PackSettings> = {},
): NagRuleResult {
  const stack = stackOf(resources);
  const [id = ''] = Object.keys(resources);
  const inventory = createInventory(stack);
  const node = stack.node.findChild(id);
  if (!CfnResource.isCfnResource(node)) throw new Error(`${id} is no resource`);
  return checkRule(rule, inventory.of(node), {
    stack: inventory,
    settings: { ...SETTINGS, ...settings },
  });
}

export const GOOD = 'Compliant';
export const BAD = 'Non-Compliant';
export const NOT_CONCERNED = 'N/A';
