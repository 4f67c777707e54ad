import { RegionInfo } from 'aws-cdk-lib/region-info';
import { contractPaths } from '../constructs/api-routes.ts';
import type { Settings } from '../settings.ts';
import { type Acknowledgement, acknowledge } from './acknowledgements.ts';

/** Packs that ask the same thing, each under its own name. */
const PCI_NIST_HIPAA = ['PCI.DSS.321', 'NIST.800.53.R5', 'HIPAA.Security'] as const;
const NIST_HIPAA = ['NIST.800.53.R5', 'HIPAA.Security'] as const;

function asked(packs: readonly string[], rule: string): string[] {
  return packs.map((pack) => `${pack}-${rule}`);
}

/**
 * Every finding of the stack that no property can mend, and why it is right as it is. What depends on the settings is
 * acknowledged only with them: a test fails for what is not found any more.
 */
export function stackAcknowledgements(settings: Settings): Acknowledgement[] {
  return [
    ...(settings.edge === 'rest' ? api(settings) : distribution(settings)),
    ...network(),
    ...buckets(settings),
    ...functions(settings),
    ...deadLetterQueues(settings),
    ...wildcards(settings),
    ...awsPolicies(settings),
    ...(settings.profile === 'dev' ? onlyInDev(settings) : []),
  ];
}

function api({ domainName }: Settings): Acknowledgement[] {
  const method = (path: string) => `Processing/Api/Api/Default${path}/ANY`;
  const withKey = contractPaths()
    .filter(({ needsKey }) => needsKey)
    .map(({ path }) => method(path));
  const stage = ['Processing/Api/Api/DeploymentStage.prod'];
  return [
    ...acknowledge(
      ['AwsSolutions-COG4'],
      withKey,
      'Callers are the servers of merchants, which have no session: a Lambda authorizer checks their API key, of which ' +
        'only a hash is stored, and passes on its merchant, mode and scopes. A Cognito user pool is for persons.',
    ),
    ...acknowledge(
      ['AwsSolutions-COG4', 'AwsSolutions-APIG4'],
      [method('/{proxy+}')],
      'Public by design, and nothing of a payment is shown here: the contract, its documentation, health, and ' +
        'call-backs of the PSP, which are believed only with a valid signature. Every other path is answered with 404.',
    ),
    ...acknowledge(
      asked(PCI_NIST_HIPAA, 'APIGWCacheEnabledAndEncrypted'),
      stage,
      'Caching is off on purpose. Answers are about one merchant’s payments and say no-store: a cache in the gateway ' +
        'would be one more copy of them, and could show a state that has been left, or one merchant’s answer to another.',
    ),
    ...acknowledge(
      asked(PCI_NIST_HIPAA, 'APIGWSSLEnabled'),
      stage,
      'A client certificate proves the gateway to an HTTP backend. Here the backend is a Lambda function, called over ' +
        `TLS by AWS and by permission of its policy; callers use TLS ${domainName ? '1.2 or newer' : 'by the gateway'}.`,
    ),
  ];
}

function distribution({ domainName }: Settings): Acknowledgement[] {
  const at = ['Processing/Edge/Distribution'];
  const atEdge = ['Processing/Edge/BodyHash/Function'];
  return [
    ...acknowledge(
      ['AwsSolutions-CFR1'],
      at,
      'Merchants’ servers call from wherever they stand, and an address says little about a country. Who may do what ' +
        'their API key says; the firewall refuses addresses of bad repute and limits each of them.',
    ),
    ...acknowledge(
      ['AwsSolutions-CFR3'],
      at,
      'It is logged by standard logging v2, which the rule does not know: the other way would write paths, queries and ' +
        'cookies of requests that nobody has searched for card numbers yet. A rule of the Payment pack checks the fields.',
    ),
    ...(domainName
      ? []
      : acknowledge(
          ['AwsSolutions-CFR4'],
          at,
          'CloudFront’s own certificate knows no least version of TLS. It is for tests and reviews: production, which ' +
            'takes real payments, is refused without a domain of one’s own, and there TLS 1.2 is the least.',
        )),
    ...acknowledge(
      [
        ...asked(NIST_HIPAA, 'LambdaDLQ'),
        'Serverless-LambdaDLQ',
        ...asked(NIST_HIPAA, 'LambdaConcurrency'),
        ...asked(PCI_NIST_HIPAA, 'LambdaInsideVPC'),
        'Serverless-LambdaTracing',
      ],
      atEdge,
      'Lambda@Edge takes no network, dead-letter queue, reservation or tracing: CloudFront runs it beside the request. It ' +
        'hashes a body and reaches nothing, since its role may do nothing at all.',
    ),
    ...acknowledge(
      ['Serverless-LambdaTracing'],
      ['Processing/Functions/Api/Function'],
      'It goes on with traces that somebody before it began. To begin them itself would record one request each second and ' +
        '5 % more, which nobody can lower and which costs more than the requests; metrics and logs are on.',
    ),
  ];
}

function network(): Acknowledgement[] {
  return acknowledge(
    asked(PCI_NIST_HIPAA, 'VPCNoUnrestrictedRouteToIGW'),
    ['publicSubnet1', 'publicSubnet2'].map((subnet) => `Processing/Network/Vpc/${subnet}/DefaultRoute`),
    'The way out of the NAT, by which private subnets reach AWS and PSPs. Nothing else stands in the public subnets, no ' +
      'address is given on launch there, and no security group lets anything in from the internet.',
  );
}

function buckets({ configRecorder }: Settings): Acknowledgement[] {
  const replication = asked(PCI_NIST_HIPAA, 'S3BucketReplicationEnabled');
  return [
    ...acknowledge(
      replication,
      ['Processing/Audit/Audit'],
      'Decided: S3 keeps each object in three zones, and versions under a compliance lock that nobody can lift stop ' +
        'deletion, which is what a copy is for. Leaving the region would move records of payments out of it, so a company ' +
        'that has to survive the loss of a region adds the rule for a bucket of its choice.',
    ),
    ...acknowledge(
      replication,
      ['Processing/Audit/AccessLogs'],
      'Logs about access to other buckets, of which the audit bucket’s own are in CloudTrail too. They expire, are ' +
        'versioned and lie in three zones; a second copy would protect nothing that an assessor asks for.',
    ),
    ...acknowledge(
      replication,
      ['Processing/Audit/FailedEvents'],
      'Batches of the change feed on their way back: the sweep reads and deletes them within minutes, and the payments ' +
        'table, which is backed up, holds the same changes. There is nothing of lasting value to copy.',
    ),
    ...(configRecorder === 'create'
      ? acknowledge(
          replication,
          ['Processing/Compliance/Bucket'],
          'Copies of what AWS Config itself keeps as its history. They are versioned, lie in three zones and expire; ' +
            'losing them loses nothing that AWS Config cannot deliver again.',
        )
      : []),
    ...acknowledge(
      asked(PCI_NIST_HIPAA, 'S3DefaultEncryptionKMS'),
      ['Processing/Audit/AccessLogs'],
      'S3 delivers server access logs only to buckets encrypted with keys of its own (SSE-S3), which this one is. It ' +
        'holds no payment: names of objects, addresses and times of access.',
    ),
  ];
}

function functions({ profile, reservedConcurrency, edge }: Settings): Acknowledgement[] {
  const at = (names: readonly string[]) => names.map((name) => `Processing/Functions/${name}/Function`);
  const deadLetters = [...asked(NIST_HIPAA, 'LambdaDLQ'), 'Serverless-LambdaDLQ'];
  return [
    ...acknowledge(
      deadLetters,
      at(edge === 'rest' ? ['Api', 'Authorizer'] : ['Api']),
      'Invoked synchronously by the edge: the caller gets the failure and repeats the request. Lambda uses a ' +
        'dead-letter queue for asynchronous invocations alone, so one here would stay empty and mislead.',
    ),
    ...acknowledge(
      deadLetters,
      at(['Relay', 'Audit']),
      'Polls a stream, for which Lambda uses no dead-letter queue of the function. Batches given up go as whole records ' +
        'to the bucket of failed events, by the mapping’s own destination; the sweep reads them back, an alarm tells.',
    ),
    ...acknowledge(
      deadLetters,
      at(['Worker']),
      'Polls a queue, for which Lambda uses no dead-letter queue of the function. What fails five times SQS puts into ' +
        'the queue’s own dead-letter queue, with alarms on its depth and age.',
    ),
    ...acknowledge(
      ['Serverless-LambdaEventSourceMappingDestination'],
      ['Processing/Functions/Worker/Alias/Queue'],
      'Lambda refuses a failure destination on a mapping of an SQS queue: the redrive policy of the queue takes its ' +
        'place, and moves what fails five times into the dead-letter queue.',
    ),
    ...(profile === 'prod'
      ? acknowledge(
          ['Serverless-LambdaTracing'],
          at(['Relay', 'Audit', 'Worker', 'Sweep', 'Rotation']),
          'Invoked by pollers and schedules, before which nothing samples: Lambda itself would record the first invocation ' +
            'of each second and 5 % of the others, which nobody can lower. It goes on with traces that others began, dev ' +
            'traces all, and metrics, logs and the age of what waits are on.',
        )
      : []),
    ...(reservedConcurrency === 'off'
      ? acknowledge(
          asked(NIST_HIPAA, 'LambdaConcurrency'),
          ['Processing/Functions'],
          'The account has too few concurrent executions for any to be reserved, and AWS refuses the reservation. The ' +
            'account’s own limit, the edge’s limits and the mapping’s maximum bound them until its quota is raised.',
        )
      : []),
  ];
}

function deadLetterQueues({ alertEmail }: Settings): Acknowledgement[] {
  const alerts = [
    'Processing/EventRules/Undelivered',
    ...(alertEmail ? ['Processing/Topics/Undelivered'] : []),
  ];
  return [
    ...acknowledge(
      ['Serverless-SQSRedrivePolicy'],
      ['Processing/Queues/DeadLetters', 'Processing/Functions/FailedInvocations', ...alerts],
      'It is a dead-letter queue itself, the end of the way: messages stay for 14 days for a person or the sweep, and ' +
        'an alarm goes off with the first one. A queue behind it would only hide them.',
    ),
    ...acknowledge(
      ['AwsSolutions-SQS3'],
      alerts,
      'It is a dead-letter queue itself, of event rules or of a topic’s subscriptions: the rule knows only those of ' +
        'queues and functions. Messages stay for 14 days, and an alarm goes off with the first one.',
    ),
  ];
}

function wildcards({ region, profile, nat }: Settings): Acknowledgement[] {
  const arn = `arn:${RegionInfo.get(region).partition ?? '<AWS::Partition>'}`;
  const inAccount = (service: string) => `${arn}:${service}:${region}:<AWS::AccountId>`;
  const on = (resource: string) => [`AwsSolutions-IAM5[Resource::${resource}]`];
  const instances = [
    'Processing/Fleet/FleetRole/Operate',
    ...(nat === 'instance' ? ['Processing/Network/Vpc/NatInstance/Operate'] : []),
  ];
  const tables = ['Payments', 'Control', 'Simulator'].map((name) => `{Processing/Tables/${name}}`);
  return [
    ...acknowledge(
      on('*'),
      ['Processing/Functions/Basics'],
      'Network interfaces of functions in a VPC and X-Ray know no resources at IAM. The code in the functions is denied ' +
        'the former by the policy of each; the latter only adds traces.',
    ),
    ...acknowledge(
      on('*'),
      ['Processing/Functions/Rotation/Policy'],
      'secretsmanager:GetRandomPassword has no resource level at IAM: it makes characters, and reads nothing. All else ' +
        'in this policy names the one secret.',
    ),
    ...acknowledge(
      on('*'),
      instances,
      'The message channels of Session Manager and CloudWatch’s metrics know no resources at IAM; metrics are held to the ' +
        'agent’s namespace. It replaces AWS’s own policy, which reads every parameter of the account.',
    ),
    ...acknowledge(
      on(`${inAccount('ec2')}:instance/*`),
      instances,
      'An instance registers itself with Systems Manager, and its id is known only once it runs: ' +
        'ssm:UpdateInstanceInformation is held to instances of this account and region.',
    ),
    ...acknowledge(
      on('<{Processing/Audit/Audit}.Arn>/audit/*'),
      ['Audit', 'Sweep'].map((name) => `Processing/Functions/${name}/Policy`),
      'Objects of the audit log are numbered, so their names are not known beforehand. It is one prefix of one bucket, ' +
        'without the right to delete, and what is there is locked in prod.',
    ),
    ...acknowledge(
      on('<{Processing/Audit/FailedEvents}.Arn>/aws/lambda/*'),
      ['StreamReaders', 'Sweep/Policy'].map((name) => `Processing/Functions/${name}`),
      'Lambda names the objects of batches that it gives up itself, by mapping, shard and time. It is the one prefix ' +
        'under which it writes, of a bucket that holds nothing else.',
    ),
    ...acknowledge(
      on(`${inAccount('cloudwatch')}:alarm:*`),
      ['Processing/Canary/Policy'],
      'CodeDeploy asks for the states of several alarms in one call, which IAM allows on all alarms of the account and ' +
        'region or on none. It reads states and changes nothing.',
    ),
    ...(profile === 'prod'
      ? tables.flatMap((table) =>
          acknowledge(
            on(`<${table}.Arn>/backup/*`),
            ['Processing/Backups/Policy'],
            'A backup has a name that DynamoDB gives it when AWS Backup makes it. Only backups of this one table are ' +
              'covered, and the vault’s lock keeps them for 91 days whatever the role may do.',
          ),
        )
      : []),
  ];
}

function awsPolicies({ apiGatewayAccount, configRecorder, edge }: Settings): Acknowledgement[] {
  const policy = (name: string) => [
    `AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/${name}]`,
  ];
  return [
    ...(apiGatewayAccount === 'create' && edge === 'rest'
      ? acknowledge(
          policy('AmazonAPIGatewayPushToCloudWatchLogs'),
          ['Processing/Api/AccountRole'],
          'The account-wide setting of API Gateway takes a role only if it may write logs of every API of the region, ' +
            'which is what this policy of AWS says. Only API Gateway can assume it.',
        )
      : []),
    ...(configRecorder === 'create'
      ? acknowledge(
          policy('AWS_ConfigRole'),
          ['Processing/Compliance/Role'],
          'AWS Config describes resources with it, and AWS adds the calls that new types need. It reads configurations ' +
            'and no data; only AWS Config of this account can assume the role.',
        )
      : []),
  ];
}

/** Choices of a deployment that goes with `cdk destroy`. None of them is made in `prod`. */
function onlyInDev({ apiGatewayAccount, edge }: Settings): Acknowledgement[] {
  return [
    ...acknowledge(
      asked(NIST_HIPAA, 'DynamoDBInBackupPlan'),
      ['Payments', 'Control', 'Simulator'].map((table) => `Processing/Tables/${table}`),
      'Test payments of a deployment that is meant to be destroyed, which backups in a vault would prevent. ' +
        'Point-in-time recovery is on, and prod has the backup plan.',
    ),
    ...acknowledge(
      ['AwsSolutions-EC26', ...asked(NIST_HIPAA, 'EC2IMDSv2Enabled')],
      ['Processing/Fleet/Group'],
      'The rule does not look into a mixed instances policy, by which dev runs on spot. The launch template named there ' +
        'requires IMDSv2 and encrypts its volume, which the rules of the Payment pack and tests check.',
    ),
    // In prod, where every access has to be in a log, the findings stay open and synthesis fails.
    ...(apiGatewayAccount === 'off' && edge === 'rest'
      ? acknowledge(
          [
            'AwsSolutions-APIG1',
            'AwsSolutions-APIG6',
            ...asked(PCI_NIST_HIPAA, 'APIGWExecutionLoggingEnabled'),
            'Serverless-APIGWAccessLogging',
            'Payment-AccessLogFormat[Missing]',
          ],
          ['Processing/Api/Api/DeploymentStage.prod'],
          'Whoever deploys may not make the role by which API Gateway writes logs in this account, and chose to have none. ' +
            'There are only test payments here; function, firewall and audit logs are on.',
        )
      : []),
  ];
}
