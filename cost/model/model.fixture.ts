import type { Measured, RequestKind } from '../meter/measured.ts';
import type { Mix } from '../mix/mix.ts';
import type { DeploymentFacts, FunctionFacts, FunctionName } from '../template/facts.ts';

const FUNCTION: FunctionFacts = {
  memoryMb: 512,
  architecture: 'arm64',
  traced: false,
  platformLines: false,
  logsRequests: false,
};
const SOURCE = { batchSize: 100, windowSeconds: 1, enabled: true, maxConcurrency: null };
const TABLE = { tableClass: 'STANDARD', billing: 'on-demand', restorable: true } as const;
const NAMES: readonly FunctionName[] = ['api', 'worker', 'relay', 'audit', 'sweep', 'authorizer', 'rotation'];

function ofEach<N extends string, T>(names: readonly N[], value: T): Record<N, T> {
  return Object.fromEntries(names.map((name) => [name, value])) as Record<N, T>;
}

/** A deployment with round figures. */
export function someFacts(given: Partial<DeploymentFacts> = {}): DeploymentFacts {
  return {
    region: 'us-east-1',
    profile: 'prod',
    edge: { kind: 'rest', accessLogFormat: null, detailedMetrics: false, tracedShare: 0 },
    functions: ofEach(NAMES, FUNCTION),
    relay: SOURCE,
    audit: { ...SOURCE, batchSize: 1_000, windowSeconds: 300 },
    worker: { ...SOURCE, batchSize: 10, windowSeconds: 0, maxConcurrency: 20 },
    sweepEverySeconds: 300,
    fleet: null,
    nat: 'gateway',
    payments: TABLE,
    control: TABLE,
    backups: null,
    auditDataEvents: false,
    bucketAccessLogs: false,
    auditTransition: null,
    flowLogs: false,
    firewallLogsAll: false,
    ...given,
  };
}

/** A mix in which one payment is one request. */
export function someMix(given: Partial<Mix> = {}): Mix {
  return {
    payments: 200,
    lives: { completed: 1, declined: 0, challenged: 0, captured: 0, canceled: 0, unknown: 0 },
    refundedShare: 0,
    replayedShare: 0,
    readsPerPayment: 0,
    listsPerPayment: 0,
    waitShare: 0,
    sizes: {
      paymentIdCharacters: 20,
      descriptionCharacters: 24,
      metadata: { order_id: 12 },
      requestHeaderBytes: 600,
    },
    psp: { latencyMs: 300, timeoutMs: 10_000, bytesPerCall: 6_000 },
    latencyMs: { dynamodb: 5, sqs: 8, s3: 30, secretsmanager: 10 },
    keptMonths: 12,
    authorizedHours: 24,
    activeKeys: 20,
    blockedShare: 0,
    environmentLifeHours: 2,
    ...given,
  };
}

const NO_REQUESTS: Record<RequestKind, number> = {
  create: 0,
  replay: 0,
  get: 0,
  list: 0,
  capture: 0,
  cancel: 0,
  refund: 0,
  callback: 0,
};

/** Round figures: one request, one dispatch, two changes and one message for each payment. */
export function someMeasured(given: Partial<Measured> = {}): Measured {
  return {
    mix: 'a'.repeat(64),
    payments: 200,
    calibration: { measured: 20, reference: 20 },
    requests: {
      ...ofEach(Object.keys(NO_REQUESTS) as RequestKind[], {}),
      create: {
        cpu_ms: 2,
        'wait.dynamodb': 1,
        'dynamodb.write.payments': 1,
        'dynamodb.write.payments/status-index': 1,
        'response.bytes': 1_000,
      },
    },
    requestsPerPayment: { ...NO_REQUESTS, create: 1 },
    perPayment: { relay: 1, audit: 2, worker: 1 },
    relay: [
      { size: 1, units: { cpu_ms: 1, 'wait.sqs': 1, 'sqs.SendMessageBatch': 1 } },
      { size: 11, units: { cpu_ms: 2, 'wait.sqs': 1, 'sqs.SendMessageBatch': 2 } },
    ],
    worker: [
      {
        size: 1,
        units: {
          cpu_ms: 4,
          'wait.dynamodb': 2,
          'wait.psp': 1,
          'dynamodb.write.payments': 1,
          'dynamodb.write.payments/status-index': 2,
          'logs.bytes': 100,
        },
      },
      {
        size: 10,
        units: {
          cpu_ms: 40,
          'wait.dynamodb': 2,
          'wait.psp': 1,
          'dynamodb.write.payments': 10,
          'dynamodb.write.payments/status-index': 20,
          'logs.bytes': 1_000,
        },
      },
    ],
    audit: [
      { size: 1, units: { 's3.PutObject': 1, 's3.put_bytes': 300, 'dynamodb.write.control': 1 } },
      { size: 1_001, units: { 's3.PutObject': 1, 's3.put_bytes': 100_300, 'dynamodb.write.control': 1 } },
    ],
    sweep: [{ size: 0, units: { 'dynamodb.read.payments/status-index': 4 } }],
    authorizer: { cpu_ms: 1, 'dynamodb.read.payments': 1 },
    stored: { itemBytes: 900, indexBytes: 100 },
    coldStartMs: ofEach(NAMES, 200),
    customMetrics: 12,
    ...given,
  };
}
