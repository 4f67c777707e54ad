import { Duration } from 'aws-cdk-lib';
import { EventField, type EventPattern, Match, Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Names } from '../names.ts';
import { runbookLink } from './runbook-link.ts';

/** GuardDuty's medium and high; below is mostly reconnaissance that nobody can act on. */
const LEAST_SEVERITY = 4;

/** An alert that could not be delivered for so long goes to the dead-letter queue, which has an alarm. */
const RETRY_FOR = Duration.hours(1);
const RETRY_ATTEMPTS = 30;

export interface EventRulesProps {
  readonly names: Names;
  /** Encrypts what could not be delivered; its policy must let `events` use it. */
  readonly key: IKey;
  readonly cost: ITopic;
  readonly security: ITopic;
  readonly ops: ITopic;
  /** Whether the fleet runs on spot instances, which AWS takes back. */
  readonly spot: boolean;
  /** @default - the pages of this repository on GitHub */
  readonly runbookUrl?: string;
}

interface Route {
  readonly name: string;
  readonly says: string;
  readonly pattern: EventPattern;
  readonly to: ITopic;
  readonly page: string;
  /** What a person needs to know, as text with fields of the event. */
  readonly text: string;
}

/**
 * Events of other AWS services that somebody must hear of. They are the account's and not this deployment's: a finding
 * names no suffix. That is also why each is narrowed: unnarrowed, every change in the account is a mail.
 */
export class EventRules extends Construct {
  /** What could not be delivered to a topic. */
  readonly undelivered: Queue;

  constructor(scope: Construct, id: string, props: EventRulesProps) {
    super(scope, id);
    const { names, key, runbookUrl } = props;
    this.undelivered = new Queue(this, 'Undelivered', {
      queueName: names.of('payment-events-dlq'),
      encryption: QueueEncryption.KMS,
      encryptionMasterKey: key,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    const rules = routes(props).map(
      ({ name, says, pattern, to, page, text }) =>
        new Rule(this, name, {
          ruleName: names.of(name),
          description: says,
          eventPattern: pattern,
          // Not the SnsTopic target: it adds its own statement to the topic's policy, beside the one that is there.
          targets: [
            {
              bind: () => ({
                arn: to.topicArn,
                deadLetterConfig: { arn: this.undelivered.queueArn },
                retryPolicy: {
                  maximumRetryAttempts: RETRY_ATTEMPTS,
                  maximumEventAgeInSeconds: RETRY_FOR.toSeconds(),
                },
                input: RuleTargetInput.fromText(`${text} Runbook: ${runbookLink(page, runbookUrl)}`),
                targetResource: to,
              }),
            },
          ],
        }),
    );
    this.undelivered.addToResourcePolicy(
      new PolicyStatement({
        sid: 'UndeliveredAlerts',
        principals: [new ServicePrincipal('events.amazonaws.com')],
        actions: ['sqs:SendMessage'],
        resources: [this.undelivered.queueArn],
        conditions: { ArnEquals: { 'aws:SourceArn': rules.map(({ ruleArn }) => ruleArn) } },
      }),
    );
  }
}

function routes({ cost, security, ops, spot }: EventRulesProps): Route[] {
  const at = (path: string) => EventField.fromPath(path);
  const where = `account ${EventField.account}, ${EventField.region}, ${EventField.time}`;
  return [
    {
      name: 'security-findings',
      says: 'Security Hub: new findings of severity high and critical',
      to: security,
      page: 'security-findings',
      pattern: {
        source: ['aws.securityhub'],
        detailType: ['Security Hub Findings - Imported'],
        detail: {
          findings: {
            Severity: { Label: ['HIGH', 'CRITICAL'] },
            Workflow: { Status: ['NEW'] },
            RecordState: ['ACTIVE'],
            // Security Hub repeats these two, which have their own rules.
            ProductName: Match.anythingBut('GuardDuty', 'Config'),
          },
        },
      },
      text:
        `Security Hub, ${where}: ${at('$.detail.findings[0].Severity.Label')}: ` +
        `${at('$.detail.findings[0].Title')}, ${at('$.detail.findings[0].Resources[0].Id')}.`,
    },
    {
      name: 'guardduty-findings',
      says: `GuardDuty: findings of severity ${LEAST_SEVERITY} and above`,
      to: security,
      page: 'security-findings',
      pattern: {
        source: ['aws.guardduty'],
        detailType: ['GuardDuty Finding'],
        detail: { severity: Match.greaterThanOrEqual(LEAST_SEVERITY) },
      },
      text:
        `GuardDuty, ${where}: severity ${at('$.detail.severity')}: ` +
        `${at('$.detail.title')} (${at('$.detail.type')}).`,
    },
    {
      name: 'config-noncompliant',
      says: 'AWS Config: a resource has become non-compliant',
      to: security,
      page: 'config-noncompliant',
      pattern: {
        source: ['aws.config'],
        detailType: ['Config Rules Compliance Change'],
        detail: { newEvaluationResult: { complianceType: ['NON_COMPLIANT'] } },
      },
      text:
        `AWS Config, ${where}: ${at('$.detail.resourceType')} ${at('$.detail.resourceId')} ` +
        `does not comply with ${at('$.detail.configRuleName')}.`,
    },
    {
      name: 'cost-anomaly',
      says: 'Cost Anomaly Detection: AWS costs more than it usually does',
      to: cost,
      page: 'cost-anomaly',
      pattern: { source: ['aws.ce'], detailType: ['Anomaly Detected'] },
      text:
        `Cost anomaly, ${where}: impact ${at('$.detail.impact.totalImpact')} USD since ` +
        `${at('$.detail.anomalyStartDate')}: ${at('$.detail.anomalyDetailsLink')}`,
    },
    {
      name: 'ec2-state-change',
      // The event names no group, and the group itself tells of instances that it starts and terminates. Nothing here
      // stops an instance, except one that failed to start its worker: whoever else did is worth knowing.
      says: 'EC2: an instance was stopped',
      to: ops,
      page: 'ec2-state-change',
      pattern: {
        source: ['aws.ec2'],
        detailType: ['EC2 Instance State-change Notification'],
        detail: { state: ['stopped'] },
      },
      text: `EC2, ${where}: instance ${at('$.detail.instance-id')} is ${at('$.detail.state')}.`,
    },
    ...(spot
      ? [
          {
            name: 'ec2-spot-interruption',
            says: 'EC2: AWS takes a spot instance back in two minutes',
            to: ops,
            page: 'ec2-state-change',
            pattern: { source: ['aws.ec2'], detailType: ['EC2 Spot Instance Interruption Warning'] },
            text: `EC2, ${where}: AWS takes spot instance ${at('$.detail.instance-id')} back; its group replaces it.`,
          },
        ]
      : []),
  ];
}
