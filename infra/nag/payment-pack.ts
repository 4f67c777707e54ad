import { type CfnResource, Stack } from 'aws-cdk-lib';
import { NagMessageLevel, NagPack, type NagPackProps } from 'cdk-nag';
import type { IConstruct } from 'constructs';
import { createInventory, type StackInventory } from './inventory.ts';
import { checkRule, type PackSettings } from './rule.ts';
import { PAYMENT_RULES } from './rules/payment-rules.ts';

export interface PaymentPackProps extends NagPackProps, Partial<PackSettings> {
  /**
   * With the reason and the source of the rule in each finding.
   * @default true
   */
  readonly verbose?: boolean;
  /**
   * Rules about retention, locks and deletion hold in `prod` only.
   * @default 'prod'
   */
  readonly profile?: 'dev' | 'prod';
  /**
   * `existing` says that the account and region already have the role by which API Gateway logs.
   * @default 'create': the role is in the stack, and the stage is made after it
   */
  readonly apiGatewayAccount?: 'create' | 'existing';
  /** @default 'payment-audit-logs' */
  readonly auditBucketPrefix?: string;
  /**
   * Requests in five minutes from one address.
   * @default 2000
   */
  readonly maxRatePerAddress?: number;
  /**
   * Requests in five minutes by any other key. More than the stage passes in that time could never be reached.
   * @default 300000, which is 1,000 a second
   */
  readonly maxRatePerKey?: number;
}

const DEFAULTS: PackSettings = {
  profile: 'prod',
  apiGatewayAccount: 'create',
  auditBucketPrefix: 'payment-audit-logs',
  maxRatePerAddress: 2_000,
  maxRatePerKey: 300_000,
};

/**
 * What the public packs do not ask of a stack that takes payments: how queue, function and concurrency fit together,
 * that publishers can publish, that the firewall blocks, that the audit log cannot be changed.
 *
 *     Validations.of(app).addPlugins(new PaymentPack(app, { profile: 'prod' }));
 *
 * Findings are named `Payment-<rule>` or `Payment-<rule>[<finding>]`. Acknowledge them by the qualified name
 * (`Payment::Payment-QueueVisibility`; acknowledgements.ts does it), or the report says nothing of them. The rules read
 * resources as the template has them, overrides included.
 */
export class PaymentPack extends NagPack {
  readonly name = 'Payment';
  override readonly version = '1.0.0';
  override readonly ruleIds = PAYMENT_RULES.map((rule) => `Payment-${rule.name}`);
  readonly #settings: PackSettings;
  #inventories = new Map<Stack, StackInventory>();

  constructor(scope?: IConstruct, props: PaymentPackProps = {}) {
    super(scope, { ...props, verbose: props.verbose ?? true });
    this.packName = 'Payment';
    const { profile, apiGatewayAccount, auditBucketPrefix, maxRatePerAddress, maxRatePerKey } = props;
    this.#settings = {
      profile: profile ?? DEFAULTS.profile,
      apiGatewayAccount: apiGatewayAccount ?? DEFAULTS.apiGatewayAccount,
      auditBucketPrefix: auditBucketPrefix ?? DEFAULTS.auditBucketPrefix,
      maxRatePerAddress: maxRatePerAddress ?? DEFAULTS.maxRatePerAddress,
      maxRatePerKey: maxRatePerKey ?? DEFAULTS.maxRatePerKey,
    };
  }

  override validateScope(scope: IConstruct): ReturnType<NagPack['validateScope']> {
    // What was rendered for the last run may have changed since.
    this.#inventories = new Map();
    return super.validateScope(scope);
  }

  protected override checkResource(node: CfnResource): void {
    for (const rule of PAYMENT_RULES) {
      // Most rules concern few types: what they do not concern need not be rendered.
      if (!rule.types.includes(node.cfnResourceType)) continue;
      this.applyRule({
        ruleSuffixOverride: rule.name,
        info: rule.info,
        explanation: `${rule.reason} Source: ${rule.source}.`,
        level: NagMessageLevel.ERROR,
        node,
        rule: (resource) => {
          const stack = this.#inventoryOf(Stack.of(resource));
          return checkRule(rule, stack.of(resource), { stack, settings: this.#settings });
        },
      });
    }
  }

  #inventoryOf(stack: Stack): StackInventory {
    const known = this.#inventories.get(stack);
    if (known) return known;
    const inventory = createInventory(stack);
    this.#inventories.set(stack, inventory);
    return inventory;
  }
}
