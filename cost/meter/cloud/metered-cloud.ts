import { fork } from 'node:child_process';
import { join } from 'node:path';
import { type AwsConfig, parseAwsConfig } from '../../../src/aws-config.ts';
import { deploymentEnvironment, setEnvironment } from '../../../test/aws/cloud.fixture.ts';
import {
  type DynamoDbLocal,
  type LocalTables,
  startDynamoDbLocal,
} from '../../../test/emulators/dynamodb-local.ts';
import type { CloudAnswer, CloudPlaces, CloudRequest, Release } from './cloud-messages.ts';
import { startInStep } from './in-step.ts';
import type { Round } from './ledger.ts';
import { turnDate } from './turned-date.ts';

/** When every run begins. */
const START_MS = Date.parse('2026-03-02T09:00:00.000Z');

/** As in the stack: `LOG_LEVEL`. A PSP that does not answer is waited for no longer than it takes to tell. */
const SETTINGS = { LOG_LEVEL: 'warn', PSP_TIMEOUT_MS: '3000' };

/** A deployment's parts on emulators in processes of their own, behind proxies that count. */
export interface MeteredCloud {
  /** What the functions are made with; their endpoints are in the environment until `stop`. */
  config: AwsConfig;
  /** Past the proxies: what is done here counts for nobody. */
  dynamo: DynamoDbLocal;
  fauxqs: string;
  tables: LocalTables;
  nowMs(): number;
  /** Moves the date of this process and of the emulators, which stands still otherwise. */
  advance(ms: number): Promise<void>;
  /** The same, to a moment that may have passed. */
  turnTo(nowMs: number): Promise<void>;
  createQueue(): Promise<string>;
  /** Runs a function, and answers its calls in rounds. Nothing else may call the services meanwhile. */
  count<T>(work: () => Promise<T>): Promise<{ answer: T; rounds: readonly Round[]; silences: number }>;
  stop(): Promise<void>;
}

type Asking = CloudRequest extends infer R ? (R extends CloudRequest ? Omit<R, 'id'> : never) : never;

export async function startMeteredCloud(settings: Record<string, string> = {}): Promise<MeteredCloud> {
  const dynamo = await startDynamoDbLocal();
  const tables = await dynamo.createTables();
  const emulators = await startEmulators(dynamo.endpoint);
  const { places, ask } = emulators;
  const environment = {
    ...deploymentEnvironment({
      ...places,
      ...places.proxies,
      secretsManager: places.proxies.secretsmanager,
      tables,
    }),
    ...SETTINGS,
    ...settings,
  };
  const restoreEnvironment = setEnvironment(environment);
  const config = parseAwsConfig(environment);
  const date = turnDate(START_MS);
  const hosts = new Set(Object.values(places.proxies).map((endpoint) => new URL(endpoint).host));
  let nowMs = START_MS;

  async function turnTo(toMs: number): Promise<void> {
    nowMs = toMs;
    date.set(nowMs);
    await ask({ ask: 'set-date', nowMs });
  }

  return {
    config,
    dynamo,
    fauxqs: places.fauxqs,
    tables,
    nowMs: () => nowMs,
    advance: (ms) => turnTo(nowMs + ms),
    turnTo,
    async createQueue() {
      const answer = await ask({ ask: 'create-queue' });
      return (answer as { queueUrl: string }).queueUrl;
    },
    async count(work) {
      await ask({ ask: 'begin' });
      const inStep = startInStep({
        hosts,
        release: (count) => emulators.release({ release: count }),
        silenceMs: config.PSP_TIMEOUT_MS / 2,
      });
      let silences = 0;
      let rounds: readonly Round[] = [];
      let answer: Awaited<ReturnType<typeof work>>;
      try {
        answer = await work();
      } finally {
        ({ silences } = inStep.stop());
        ({ rounds } = (await ask({ ask: 'end' })) as { rounds: readonly Round[] });
      }
      return { answer, rounds, silences };
    },
    async stop() {
      date.restore();
      restoreEnvironment();
      await Promise.all([emulators.stop(), dynamo.stop()]);
    },
  };
}

interface Emulators {
  places: CloudPlaces;
  ask(asking: Asking): Promise<CloudAnswer>;
  release(message: Release): void;
  stop(): Promise<void>;
}

async function startEmulators(engine: string): Promise<Emulators> {
  const child = fork(join(import.meta.dirname, 'cloud-process.ts'), [engine, String(START_MS)], {
    execPath: process.execPath,
    execArgv: [],
    // What is printed by whoever started it may be somebody's input: all of this goes to the error stream.
    stdio: ['ignore', 2, 2, 'ipc'],
  });
  const waiting = new Map<number, { resolve(answer: CloudAnswer): void; reject(error: Error): void }>();
  let asked = 0;
  let ended: Error | null = null;
  const exited = new Promise<void>((resolve) =>
    child.once('exit', (code) => {
      ended = new Error(`The process of the emulators ended with ${code}.`);
      for (const { reject } of waiting.values()) reject(ended);
      resolve();
    }),
  );

  /** Resolves with the answer of this number; 0 is that of the start. */
  function answerTo(id: number): Promise<CloudAnswer> {
    return new Promise((resolve, reject) => {
      if (ended) reject(ended);
      else waiting.set(id, { resolve, reject });
    });
  }

  child.on('message', (answer: CloudAnswer) => {
    const id = 'id' in answer ? answer.id : 0;
    waiting.get(id)?.resolve(answer);
    waiting.delete(id);
  });
  const { ready } = (await answerTo(0)) as { ready: CloudPlaces };

  return {
    places: ready,
    ask(asking) {
      asked += 1;
      const answer = answerTo(asked);
      child.send({ ...asking, id: asked });
      return answer;
    },
    release: (message) => void child.send(message),
    async stop() {
      if (child.connected) child.disconnect();
      await exited;
    },
  };
}
