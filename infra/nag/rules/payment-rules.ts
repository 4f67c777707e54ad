import type { PaymentRule } from '../rule.ts';
import { auditBucketLock } from './audit/audit-bucket-lock.ts';
import { auditBucketRetained } from './audit/audit-bucket-retained.ts';
import { auditBucketTrail } from './audit/audit-bucket-trail.ts';
import { auditBucketTransport } from './audit/audit-bucket-transport.ts';
import { logRetention } from './audit/log-retention.ts';
import { instanceMetadata } from './compute/instance-metadata.ts';
import { launchTemplate } from './compute/launch-template.ts';
import { publicAddress } from './compute/public-address.ts';
import { accessLogFormat } from './edge/access-log-format.ts';
import { dataTrace } from './edge/data-trace.ts';
import { defaultEndpoint } from './edge/default-endpoint.ts';
import { distribution } from './edge/distribution.ts';
import { firewallBlocks } from './edge/firewall-blocks.ts';
import { firewallLogging } from './edge/firewall-logging.ts';
import { publicLoadBalancer } from './edge/public-load-balancer.ts';
import { stageFirewall } from './edge/stage-firewall.ts';
import { stageLogAccount } from './edge/stage-log-account.ts';
import { stageThrottling } from './edge/stage-throttling.ts';
import { functionUrl } from './lambda/function-url.ts';
import { partialBatch } from './lambda/partial-batch.ts';
import { polledDeadLetters } from './lambda/polled-dead-letters.ts';
import { pollingConcurrency } from './lambda/polling-concurrency.ts';
import { queueVisibility } from './lambda/queue-visibility.ts';
import { streamSource } from './lambda/stream-source.ts';
import { alarmAction } from './messaging/alarm-action.ts';
import { alarmRunbook } from './messaging/alarm-runbook.ts';
import { configRuleIdentifier } from './messaging/config-rule-identifier.ts';
import { eventDetailType } from './messaging/event-detail-type.ts';
import { topicKey } from './messaging/topic-key.ts';
import { topicPublishers } from './messaging/topic-publishers.ts';
import { iamActions } from './policy/iam-actions.ts';
import { iamResources } from './policy/iam-resources.ts';
import { tableCaps } from './table/table-caps.ts';
import { tableProtection } from './table/table-protection.ts';
import { tableRecovery } from './table/table-recovery.ts';

/** Every rule of the pack; the canary must break each of them. */
export const PAYMENT_RULES: readonly PaymentRule[] = [
  auditBucketLock,
  auditBucketRetained,
  auditBucketTrail,
  auditBucketTransport,
  logRetention,
  instanceMetadata,
  launchTemplate,
  publicAddress,
  accessLogFormat,
  dataTrace,
  defaultEndpoint,
  distribution,
  firewallBlocks,
  firewallLogging,
  publicLoadBalancer,
  stageFirewall,
  stageLogAccount,
  stageThrottling,
  functionUrl,
  partialBatch,
  polledDeadLetters,
  pollingConcurrency,
  queueVisibility,
  streamSource,
  alarmAction,
  alarmRunbook,
  configRuleIdentifier,
  eventDetailType,
  topicKey,
  topicPublishers,
  iamActions,
  iamResources,
  tableCaps,
  tableProtection,
  tableRecovery,
];
