import { ArnFormat, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { Stage } from 'aws-cdk-lib/aws-apigateway';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { CfnLoggingConfiguration, CfnWebACL, CfnWebACLAssociation } from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';
import type { Names } from '../names.ts';
import { FIREWALL_RULES, RESPONSE_BODIES } from './firewall-rules.ts';

export interface FirewallProps {
  readonly names: Names;
  readonly profile: 'dev' | 'prod';
  /** Encrypts the logs. */
  readonly key: IKey;
  /**
   * What it stands before.
   * @default - a CloudFront distribution, which names it itself
   */
  readonly stage?: Stage;
}

/** Conditions under which a request is logged: the others are in the API's own log already. */
const LOGGED = ['BLOCK', 'COUNT', 'EXCLUDED_AS_COUNT'].map((action) => ({
  ActionCondition: { Action: action },
}));

/** Every place in a request where a key or a card number can stand, but for the path. */
const PROTECTED_FIELDS = ['SINGLE_HEADER', 'SINGLE_COOKIE', 'QUERY_STRING', 'BODY'];

/** The firewall before the API: it limits, and refuses what looks like an attack. */
export class Firewall extends Construct {
  readonly acl: CfnWebACL;

  constructor(scope: Construct, id: string, { names, profile, key, stage }: FirewallProps) {
    super(scope, id);
    const isProd = profile === 'prod';
    const name = names.of('payment-waf');
    this.acl = new CfnWebACL(this, 'Acl', {
      name,
      scope: stage ? 'REGIONAL' : 'CLOUDFRONT',
      defaultAction: { allow: {} },
      visibilityConfig: { cloudWatchMetricsEnabled: true, metricName: name, sampledRequestsEnabled: false },
      rules: [...FIREWALL_RULES],
      customResponseBodies: RESPONSE_BODIES,
      dataProtectionConfig: {
        dataProtections: PROTECTED_FIELDS.map((fieldType) => ({
          field: { fieldType },
          action: 'SUBSTITUTION',
          excludeRuleMatchDetails: false,
          excludeRateBasedDetails: false,
        })),
      },
    });

    if (stage) {
      // With the name of the stage written out, nothing would make this wait for the stage.
      new CfnWebACLAssociation(this, 'Association', {
        resourceArn: stage.stageArn,
        webAclArn: this.acl.attrArn,
      });
    }

    const logs = new LogGroup(this, 'Logs', {
      // AWS WAF writes to no group whose name begins otherwise.
      logGroupName: names.of('aws-waf-logs-payment'),
      // PCI DSS 10.5.1 asks for twelve months.
      retention: isProd ? RetentionDays.ONE_YEAR : RetentionDays.ONE_WEEK,
      encryptionKey: key,
      removalPolicy: isProd ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY,
    });
    new CfnLoggingConfiguration(this, 'Logging', {
      resourceArn: this.acl.attrArn,
      logDestinationConfigs: [
        // Without the `:*` at the end of the group's own ARN, which AWS WAF refuses.
        Stack.of(this).formatArn({
          service: 'logs',
          resource: 'log-group',
          resourceName: logs.logGroupName,
          arnFormat: ArnFormat.COLON_RESOURCE_NAME,
        }),
      ],
      redactedFields: [{ singleHeader: { Name: 'authorization' } }, { uriPath: {} }, { queryString: {} }],
      loggingFilter: {
        DefaultBehavior: 'DROP',
        Filters: [{ Behavior: 'KEEP', Requirement: 'MEETS_ANY', Conditions: LOGGED }],
      },
    });
  }
}
