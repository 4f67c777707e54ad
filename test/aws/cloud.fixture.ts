import { type AwsConfig, parseAwsConfig } from '../../src/aws-config.ts';
import { type DynamoDbLocal, type LocalTables, startDynamoDbLocal } from '../emulators/dynamodb-local.ts';
import { type Fauxqs, startFauxqs } from '../emulators/fauxqs.ts';
import { type SecretsManagerStandIn, startSecretsManager } from '../emulators/secrets-manager.ts';

/** As the secret is made and rotated. */
export const SECRET = JSON.stringify({ username: 'paymentuser', password: 'a'.repeat(32) });

/** A deployment's parts on emulators, found by the functions as on AWS: by their environment. */
export interface Cloud {
  config: AwsConfig;
  dynamo: DynamoDbLocal;
  fauxqs: Fauxqs;
  secretsManager: SecretsManagerStandIn;
  stop(): Promise<void>;
}

/** Visible again after so long; nothing in a test waits for it but what was lost. */
const VISIBILITY_MS = 10_000;
const MAX_RECEIVES = 5;

export interface DeploymentPlaces {
  /** Endpoints. */
  dynamodb: string;
  sqs: string;
  s3: string;
  secretsManager: string;
  tables: LocalTables;
  queueUrl: string;
  dlqUrl: string;
  bucket: string;
  failedEvents: string;
}

/** How a function on emulators is told where everything is. */
export function deploymentEnvironment({ tables, ...places }: DeploymentPlaces): Record<string, string> {
  return {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_ENDPOINT_URL_DYNAMODB: places.dynamodb,
    AWS_ENDPOINT_URL_SQS: places.sqs,
    AWS_ENDPOINT_URL_S3: places.s3,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: places.secretsManager,
    STORE: 'dynamodb',
    TABLE_NAME: tables.payments,
    CONTROL_TABLE_NAME: tables.control,
    SIMULATOR_TABLE_NAME: tables.simulator,
    QUEUE_URL: places.queueUrl,
    DLQ_URL: places.dlqUrl,
    BUCKET_NAME: places.bucket,
    FAILED_EVENTS_BUCKET: places.failedEvents,
    SECRET_ID: 'secret',
    DEPLOYMENT: 'test1',
    PUBLIC_URL: 'https://pay.example.com/prod',
  };
}

/** Puts settings into the environment of this process, where the SDK looks for them; answers how to take them out. */
export function setEnvironment(environment: Readonly<Record<string, string>>): () => void {
  const before = Object.fromEntries(Object.keys(environment).map((name) => [name, process.env[name]]));
  Object.assign(process.env, environment);
  return () => {
    for (const [name, value] of Object.entries(before)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  };
}

/** Starts the emulators, and names them in the environment of this process until `stop`. */
export async function startCloud(settings: Record<string, string> = {}): Promise<Cloud> {
  const [dynamo, fauxqs, secretsManager] = await Promise.all([
    startDynamoDbLocal(),
    startFauxqs(),
    startSecretsManager(SECRET),
  ]);
  const [tables, queues, bucket, failedEvents] = await Promise.all([
    dynamo.createTables(),
    fauxqs.createQueues({ visibilityTimeoutMs: VISIBILITY_MS, maxReceives: MAX_RECEIVES }),
    fauxqs.createBucket(),
    fauxqs.createBucket(),
  ]);
  const environment = {
    ...deploymentEnvironment({
      dynamodb: dynamo.endpoint,
      sqs: fauxqs.endpoint,
      s3: fauxqs.endpoint,
      secretsManager: secretsManager.endpoint,
      tables,
      ...queues,
      bucket,
      failedEvents,
    }),
    LOG_LEVEL: 'silent',
    RATE_LIMIT_PER_SECOND: '0',
    ...settings,
  };
  const restore = setEnvironment(environment);
  return {
    config: parseAwsConfig(environment),
    dynamo,
    fauxqs,
    secretsManager,
    async stop() {
      restore();
      await Promise.all([dynamo.stop(), fauxqs.stop(), secretsManager.stop()]);
    },
  };
}
