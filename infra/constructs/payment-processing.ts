import { Duration, Stack, Tags } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { PAYMENTS_TABLE } from '../../src/adapters/dynamodb/table-schema.ts';
import { bundleFleet } from '../bundles.ts';
import { createNames } from '../names.ts';
import { checkSettings, defaultSettings, type Settings } from '../settings.ts';
import { Alarms } from './alarms.ts';
import { AlertTopics } from './alert-topics.ts';
import { AuditBucket } from './audit-bucket.ts';
import { Backups } from './backups.ts';
import { CanaryDeployments } from './canary-deployments.ts';
import { ComplianceRules } from './compliance-rules.ts';
import { Credentials } from './credentials.ts';
import { Dashboards } from './dashboards.ts';
import { DeploymentParameters } from './deployment-parameters.ts';
import { Encryption } from './encryption.ts';
import { EventRules } from './event-rules.ts';
import { EventSources, QUEUE_WINDOW } from './event-sources.ts';
import type { Firewall } from './firewall.ts';
import { FIREWALL_RULES } from './firewall-rules.ts';
import { addGuardedEdge } from './guarded-edge.ts';
import { stageMetrics, urlMetrics } from './metrics.ts';
import { Network } from './network.ts';
import { addOwnershipTags, type Ownership } from './ownership-tags.ts';
import { type PaymentApi, STAGE } from './payment-api.ts';
import { PaymentEdge } from './payment-edge.ts';
import { PaymentFunctions, SHAPES } from './payment-functions.ts';
import { INDEX_WRITE_UNITS, PaymentTables, TABLE_WRITE_UNITS } from './payment-tables.ts';
import { Spending } from './spending.ts';
import { ThreatDetection } from './threat-detection.ts';
import { WatchedFunctions } from './watched-functions.ts';
import { addOutputs, parameterValues } from './where-parts-are.ts';
import { WorkQueues } from './work-queues.ts';
import { WorkerFleet } from './worker-fleet.ts';

/** Everything but the suffix has a default; see `Settings` for what each means. */
export interface PaymentProcessingProps
  extends Partial<Omit<Settings, 'environmentSuffix' | 'region'>>,
    Ownership {
  /** Ends every name, so that several deployments can stand side by side in one account. */
  readonly environmentSuffix: string;
  /**
   * Where the runbooks are that alarms link to.
   * @default - the pages of this repository on GitHub
   */
  readonly runbookUrl?: string;
}

/**
 * A message is hidden for six times as long as the function may take and for the poller's window, as AWS asks for: the
 * poller may hold a batch for that long before the function has it.
 */
const VISIBILITY_IN_TIMEOUTS = 6;

/** Operations waiting at which new payments are refused: what two busy minutes bring. */
const MAX_BACKLOG = 100_000;

/**
 * Payment processing in an account of one's own: the API behind its firewall, the tables, the queue, the workers, the
 * audit log, and everything that watches over them. Usable in any CDK app; its stack must have a region.
 */
export class PaymentProcessing extends Construct {
  readonly network: Network;
  readonly topics: AlertTopics;
  readonly tables: PaymentTables;
  readonly queues: WorkQueues;
  readonly audit: AuditBucket;
  readonly functions: PaymentFunctions;
  /** By the setting `edge`. */
  readonly api: PaymentApi | PaymentEdge;
  readonly firewall: Firewall;
  readonly fleet: WorkerFleet;
  readonly alarms: Alarms;

  /** @throws SettingsError if the props contradict each other */
  constructor(scope: Construct, id: string, props: PaymentProcessingProps) {
    super(scope, id);
    const { region } = Stack.of(this);
    const given = { ...defaultSettings(props.profile ?? 'dev'), ...definedOf(props), region };
    const settings = checkSettings(given as Settings);
    const { profile, environmentSuffix: deployment, workers } = settings;
    const { runbookUrl } = props;
    const names = createNames({ environmentSuffix: deployment, region });
    const withSimulator = settings.connector === 'simulator';
    const shared = { names, profile };

    const { key } = new Encryption(this, 'Encryption', shared);
    this.topics = new AlertTopics(this, 'Topics', { names, key, alertEmail: settings.alertEmail });
    const { cost, security, ops } = this.topics;
    this.network = new Network(this, 'Network', { ...shared, key, nat: settings.nat, notices: ops });
    const { vpc, subnets, lambdaSecurityGroup, fleetSecurityGroup } = this.network;
    const { secret, rotateWith } = bound(new Credentials(this, 'Credentials', { ...shared, key }));
    this.tables = new PaymentTables(this, 'Tables', {
      ...shared,
      key,
      hotRetention: settings.hotRetentionDays !== null,
      withSimulator,
      tableClass: settings.tableClass,
      provisionedPaymentsPerSecond: settings.provisionedPaymentsPerSecond,
    });
    const { payments, control, simulator } = this.tables;
    this.queues = new WorkQueues(this, 'Queues', {
      names,
      visibilityTimeout: Duration.seconds(SHAPES.worker.timeoutSeconds * VISIBILITY_IN_TIMEOUTS).plus(
        QUEUE_WINDOW,
      ),
    });
    const { queue, deadLetters } = this.queues;
    this.audit = new AuditBucket(this, 'Audit', { ...shared, key });
    const { bucket, accessLogs, failedEvents } = this.audit;

    const reserves = settings.reservedConcurrency === 'on';
    this.functions = new PaymentFunctions(this, 'Functions', {
      ...shared,
      deployment,
      key,
      vpc,
      subnets,
      securityGroup: lambdaSecurityGroup,
      connector: settings.connector,
      allowSimulator: settings.allowSimulator,
      hotRetentionDays: settings.hotRetentionDays,
      reserveConcurrency: reserves,
      edge: settings.edge,
      environment: { MAX_BACKLOG: String(MAX_BACKLOG), LOG_LEVEL: 'warn' },
      payments,
      control,
      simulator,
      queue,
      deadLetters,
      auditBucket: bucket,
      failedEvents,
      secret,
    });
    const { functions } = this;
    rotateWith(functions.rotation.alias);
    new EventSources(this, 'EventSources', {
      ...shared,
      relay: functions.relay,
      audit: functions.audit,
      worker: functions.worker,
      sweep: functions.sweep,
      payments,
      queue,
      failedEvents,
      failedInvocations: functions.failedInvocations,
      worksQueue: workers !== 'fleet',
      relayWindowSeconds: settings.relayWindowSeconds,
    });

    const { api, firewall } = addGuardedEdge(this, settings, {
      ...shared,
      key,
      functions,
      accessLogs,
    });
    this.api = api;
    this.firewall = firewall;
    const distribution = api instanceof PaymentEdge ? api.distribution : undefined;
    functions.reachedAt(api.url, { isKnownBefore: !distribution || settings.domainName !== null });

    const worksOnFleet = workers !== 'lambda';
    this.fleet = new WorkerFleet(this, 'Fleet', {
      ...shared,
      workers,
      key,
      vpc,
      subnets,
      securityGroup: fleetSecurityGroup,
      payments,
      control,
      simulator,
      queue,
      deadLetters,
      auditBucket: bucket,
      failedEvents,
      secret,
      alerts: ops,
      bundle: bundleFleet(),
      environment: { ...functions.environment, PUBLIC_URL: this.api.url, AWS_REGION: region },
      runbookUrl,
    });

    const { all: watchedFunctions } = new WatchedFunctions(this, 'Watched', { names, edge: settings.edge });
    const watched = {
      names,
      deployment,
      functions: watchedFunctions,
      api: distribution
        ? urlMetrics(watchedFunctions.api)
        : // Not the stage's own name, a reference: alarms roll back the aliases that the stage's methods call.
          stageMetrics({ apiName: names.of('payment-api'), stageName: STAGE }),
      distributionId: distribution?.distributionId,
      payments,
      indexName: PAYMENTS_TABLE.index.name,
      queue,
      deadLetters,
      fleetName: worksOnFleet ? names.of('payment-asg') : undefined,
      aclMetricName: names.of('payment-waf'),
      aclRegion: distribution ? undefined : region,
    };
    const rules = new EventRules(this, 'EventRules', {
      names,
      key,
      cost,
      security,
      ops,
      spot: profile === 'dev',
      runbookUrl,
    });
    this.alarms = new Alarms(this, 'Alarms', {
      ...watched,
      ops,
      security,
      failedInvocations: functions.failedInvocations,
      apiConcurrency: reserves ? SHAPES.api.concurrency : undefined,
      control,
      writeCaps: { table: TABLE_WRITE_UNITS, index: INDEX_WRITE_UNITS },
      maxBacklog: MAX_BACKLOG,
      relayWindowSeconds: settings.relayWindowSeconds,
      fleetLeast: profile === 'prod' ? 1 : 0,
      undeliveredAlerts: [rules.undelivered, ...(this.topics.undelivered ? [this.topics.undelivered] : [])],
      runbookUrl,
    });
    new CanaryDeployments(this, 'Canary', {
      ...shared,
      api: functions.api,
      worker: functions.worker,
      alarms: this.alarms.forRollback,
    });
    new Dashboards(this, 'Dashboards', {
      ...watched,
      tableClass: settings.tableClass,
      accessLogName:
        distribution || settings.apiGatewayAccount === 'off' ? undefined : names.of('payment-api-access'),
      alarms: this.alarms.all,
      aclRules: FIREWALL_RULES.map(({ name }) => name),
      topics: [cost, security, ops],
    });
    new ComplianceRules(this, 'Compliance', {
      ...shared,
      key,
      accessLogs,
      auditBucket: bucket,
      configRecorder: settings.configRecorder,
    });
    new ThreatDetection(this, 'Threats', {
      names,
      guardDuty: settings.guardDuty,
      shieldAdvanced: settings.shieldAdvanced,
      protect: distribution && { 'payment-edge': distribution.distributionArn },
    });
    new Spending(this, 'Spending', {
      names,
      cost,
      costAnomalyMonitor: settings.costAnomalyMonitor,
      monthlyBudgetUsd: settings.monthlyBudgetUsd,
    });
    new Backups(this, 'Backups', {
      ...shared,
      key,
      tables: [payments, control, ...(simulator ? [simulator] : [])],
    });

    new DeploymentParameters(this, 'Parameters', {
      names,
      values: parameterValues(settings, this, { secret }),
    });
    addOutputs(this, this);
    addOwnershipTags(this, settings, props);
    Tags.of(bucket).add('DataClass', 'audit');
  }
}

/** A prop that is `undefined` stands for its default, as one that is left out. */
function definedOf<T extends object>(props: T): Partial<T> {
  return Object.fromEntries(Object.entries(props).filter(([, value]) => value !== undefined)) as Partial<T>;
}

function bound(credentials: Credentials) {
  return { secret: credentials.secret, rotateWith: credentials.rotateWith.bind(credentials) };
}
