import { type ChildProcess, type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { createServer, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DynamoDBClient,
  type DynamoDBClientConfig,
} from '@aws-sdk/client-dynamodb';
import { CONTROL_TABLE, PAYMENTS_TABLE, SIMULATOR_TABLE } from '../../src/adapters/dynamodb/table-schema.ts';
import { createSystemTimers } from '../../src/adapters/system/system-timers.ts';

const PACKAGE = createRequire(import.meta.url).resolve('amplify-dynamodb-simulator/package.json');
const FOLDER = join(dirname(PACKAGE), 'emulator');

/** A start takes two seconds; on a busy machine several times that. */
const START_LIMIT_MS = 60_000;
const START_POLL_MS = 50;
/** Somebody may take the free port before the emulator does. */
const MAX_STARTS = 3;
/** The last of what it said is kept, for the error message. */
const KEPT_OUTPUT = 4_000;

const HOW_TO_INSTALL = 'Install Java, for example with: apt-get install default-jre-headless';

/**
 * Why suites that need DynamoDB Local cannot run; null if they can. For `describe.skipIf(javaMissing)`. Where
 * everything must run (CI=true) it is an error instead.
 */
export const javaMissing = findJava();

function findJava(): string | null {
  const { error, status } = spawnSync('java', ['-version'], { stdio: 'ignore' });
  if (!error && status === 0) return null;
  const reason = `DynamoDB Local needs a Java runtime, and \`java\` does not run here. ${HOW_TO_INSTALL}`;
  if (process.env.CI === 'true') throw new Error(reason);
  console.warn(`Skipped: ${reason}`);
  return reason;
}

/** Names of tables that were just made, with nothing in them. */
export interface LocalTables {
  payments: string;
  control: string;
  simulator: string;
}

/** Amazon's own DynamoDB engine for tests, in memory: conditions, indexes, streams and consumed capacity are real. */
export interface DynamoDbLocal {
  /** Serves streams too. */
  endpoint: string;
  /** A client of its own for each call; destroyed by `stop`, which the engine outlives. */
  client(overrides?: DynamoDBClientConfig): DynamoDBClient;
  /** All tables of a deployment, under names not used before. */
  createTables(): Promise<LocalTables>;
  stop(): Promise<void>;
}

/** What the emulator takes for credentials: anything. */
export const LOCAL_CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };

interface Engine {
  endpoint: string;
  /** Sets of tables made so far, whose names must differ. */
  deployments: number;
}

/** One for all test files of a process, which share their globals: a start costs seconds of a core. */
const shared = globalThis as typeof globalThis & { dynamoDbLocal?: Promise<Engine> };

/** A view of the engine with clients of its own. The engine itself ends with the process. */
export async function startDynamoDbLocal(): Promise<DynamoDbLocal> {
  shared.dynamoDbLocal ??= startOnFreePort();
  const engine = await shared.dynamoDbLocal;
  const { endpoint } = engine;
  const clients: DynamoDBClient[] = [];

  function client(overrides: DynamoDBClientConfig = {}): DynamoDBClient {
    const made = new DynamoDBClient({
      endpoint,
      region: 'us-east-1',
      credentials: LOCAL_CREDENTIALS,
      ...overrides,
    });
    clients.push(made);
    return made;
  }

  const own = client();

  return {
    endpoint,
    client,
    async createTables() {
      engine.deployments += 1;
      const number = engine.deployments;
      const names = {
        payments: `payments-${number}`,
        control: `payment-control-${number}`,
        simulator: `payment-simulator-${number}`,
      };
      for (const table of tableDefinitions(names)) await own.send(new CreateTableCommand(table));
      return names;
    },
    async stop() {
      for (const one of clients) one.destroy();
    },
  };
}

function tableDefinitions(names: LocalTables): CreateTableCommandInput[] {
  const { partitionKey, index } = PAYMENTS_TABLE;
  const text = (...attributes: readonly string[]) =>
    attributes.map((AttributeName) => ({ AttributeName, AttributeType: 'S' as const }));
  const keyOf = ({ partitionKey: hash, sortKey }: { partitionKey: string; sortKey?: string }) => [
    { AttributeName: hash, KeyType: 'HASH' as const },
    ...(sortKey === undefined ? [] : [{ AttributeName: sortKey, KeyType: 'RANGE' as const }]),
  ];
  return [
    {
      TableName: names.payments,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: text(partitionKey, index.partitionKey, index.sortKey),
      KeySchema: keyOf({ partitionKey }),
      GlobalSecondaryIndexes: [
        {
          IndexName: index.name,
          KeySchema: keyOf(index),
          Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: [...index.include] },
        },
      ],
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
    },
    {
      TableName: names.control,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: text(CONTROL_TABLE.partitionKey, CONTROL_TABLE.sortKey),
      KeySchema: keyOf(CONTROL_TABLE),
    },
    {
      TableName: names.simulator,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: text(SIMULATOR_TABLE.partitionKey),
      KeySchema: keyOf(SIMULATOR_TABLE),
    },
  ];
}

/** Ends with its standard input, and so with whoever started it, however that one ends. */
const UNTIL_STDIN_ENDS = 'java "$@" & engine=$!; cat >/dev/null; kill -9 $engine';

async function startOnFreePort(): Promise<Engine> {
  let said = '';
  for (let start = 0; start < MAX_STARTS; start += 1) {
    const port = await freePort();
    const child = spawn(
      'sh',
      [
        '-c',
        UNTIL_STDIN_ENDS,
        'sh',
        // Starts in less time and memory than the defaults, which are for servers that run for days.
        '-XX:TieredStopAtLevel=1',
        '-XX:+UseSerialGC',
        `-Djava.library.path=${join(FOLDER, 'DynamoDBLocal_lib')}`,
        '-jar',
        join(FOLDER, 'DynamoDBLocal.jar'),
        '-inMemory',
        '-sharedDb',
        '-disableTelemetry',
        '-port',
        String(port),
      ],
      { cwd: FOLDER, stdio: ['pipe', 'pipe', 'pipe'] },
    );
    const note = (text: string) => {
      said = (said + text).slice(-KEPT_OUTPUT);
    };
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', note);
    child.once('error', (error) => note(String(error)));
    const endpoint = `http://127.0.0.1:${port}`;
    if (await answers(child, endpoint)) {
      letGo(child);
      return { endpoint, deployments: 0 };
    }
    child.stdin.end();
  }
  throw new Error(`DynamoDB Local did not start within ${START_LIMIT_MS} ms. It said:\n${said}`);
}

/** It must not keep this process from ending. */
function letGo(child: ChildProcessWithoutNullStreams): void {
  child.unref();
  for (const stream of [child.stdin, child.stdout, child.stderr]) (stream as Socket).unref();
}

/** Whether it serves before its time is up; false as soon as it has ended. */
async function answers(child: ChildProcess, endpoint: string): Promise<boolean> {
  const timers = createSystemTimers();
  for (let waitedMs = 0; waitedMs < START_LIMIT_MS; waitedMs += START_POLL_MS) {
    if (child.exitCode !== null || child.signalCode !== null) return false;
    // A request without a signature is refused, and so answered.
    const response = await fetch(endpoint).catch(() => null);
    if (response) return true;
    await timers.sleep(START_POLL_MS);
  }
  return false;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
