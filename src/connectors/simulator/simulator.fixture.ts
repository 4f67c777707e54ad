import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import { pspIdempotencyKey } from '../../domain/hashes.ts';
import type { OperationKind } from '../../domain/payment.ts';
import type { Clock, Timers } from '../../ports/clock.ts';
import type { Connector, PspReportLine, PspRequest } from '../../ports/connector.ts';
import type { Ids } from '../../ports/ids.ts';
import { createFakeDynamo, dynamoOpener } from './dynamo.fixture.ts';
import { createMemoryStorage } from './memory-storage.ts';
import { createSimulator, type Simulator, type SimulatorDeps } from './simulator.ts';
import type { SimulatorStorage } from './simulator-storage.ts';
import { createSqliteStorage } from './sqlite-storage.ts';

export const CALLBACK_SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
export const BASE_URL = 'http://tollgate.test';
export const START_MS = Date.UTC(2025, 0, 1);

export interface Delivered {
  url: string;
  headers: Record<string, string>;
  body: string;
}

/** What a test holds in its hands: a simulator, and all that is around it. */
export interface SimulatorRig {
  simulator: Simulator;
  clock: Clock;
  /** Moves the clock, and wakes who sleeps until then. */
  advance(ms: number): Promise<void>;
  /** How many sleep now. */
  sleeping(): number;
  /** The call-backs that were posted, taken or not. */
  delivered: Delivered[];
  /** Lines of warnings and errors that were logged. */
  logged: string[];
  /** Opens the same file again, as a process that was started again would. */
  reopen(): Promise<void>;
}

export interface RigOptions extends Partial<Pick<SimulatorDeps, 'latencyMs' | 'deliver'>> {
  openStorage?: StorageOpener | undefined;
}

export type StorageOpener = () => SimulatorStorage;
type Storages = readonly (readonly [name: string, makeOpener: () => StorageOpener])[];

/** Those that know all payments at once. */
export const EMBEDDED_STORAGES: Storages = [
  ['memory', memoryOpener],
  ['sqlite', () => sqliteOpener(temporaryFile())],
];

/** DynamoDB is a fake one here; the real engine's turn is in `dynamo.emulator.test.ts`. */
export const STORAGES: Storages = [
  ...EMBEDDED_STORAGES,
  ['dynamodb', () => dynamoOpener(createFakeDynamo().client(), () => 'payment-simulator')],
];

/** Every opening finds what the one before has left. */
function memoryOpener(): StorageOpener {
  const storage = createMemoryStorage();
  return () => storage;
}

export function sqliteOpener(path: string): StorageOpener {
  return () => createSqliteStorage(path);
}

const folders: string[] = [];
const rigs: { simulator: Simulator }[] = [];

/** In a folder of its own that goes when the test ends. */
export function temporaryFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'simulator-'));
  folders.push(folder);
  return join(folder, 'simulator.db');
}

/** To be called once in a test file: closes what its tests have opened. */
export function cleanUpAfterEach(): void {
  afterEach(async () => {
    for (const rig of rigs.splice(0)) await rig.simulator.close();
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
  });
}

export function createRig(options: RigOptions = {}): SimulatorRig {
  const openStorage = options.openStorage ?? memoryOpener();
  const time = createFakeTime();
  const delivered: Delivered[] = [];
  const logged: string[] = [];
  const note = (fields: object, message: string) => void logged.push(`${message} ${JSON.stringify(fields)}`);
  const deps = {
    ...time,
    ids: createCountingIds(),
    latencyMs: options.latencyMs ?? 0,
    baseUrl: () => BASE_URL,
    callbackSecret: CALLBACK_SECRET,
    deliver(url: string, headers: Record<string, string>, body: string) {
      delivered.push({ url, headers, body });
      return options.deliver ? options.deliver(url, headers, body) : Promise.resolve(true);
    },
    logger: { debug() {}, info() {}, warn: note, error: note },
  };
  const rig: SimulatorRig = {
    simulator: createSimulator({ ...deps, storage: openStorage() }),
    clock: time.clock,
    advance: time.advance,
    sleeping: time.sleeping,
    delivered,
    logged,
    async reopen() {
      await rig.simulator.close();
      rig.simulator = createSimulator({ ...deps, storage: openStorage() });
    },
  };
  rigs.push(rig);
  return rig;
}

/** Different on every call, and the same in every run. */
function createCountingIds(): Ids {
  let count = 0;
  return {
    next(prefix) {
      count += 1;
      return `${prefix}_${String(count).padStart(4, '0')}${'x'.repeat(22)}`;
    },
    random: () => 0.5,
  };
}

function createFakeTime() {
  let nowMs = START_MS;
  const sleepers = new Set<{ wakeAtMs: number; wake: () => void }>();
  const clock: Clock = { now: () => nowMs };
  const timers: Pick<Timers, 'sleep'> = {
    sleep(ms, signal) {
      if (signal?.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        const wake = () => {
          sleepers.delete(sleeper);
          signal?.removeEventListener('abort', wake);
          resolve();
        };
        const sleeper = { wakeAtMs: nowMs + ms, wake };
        sleepers.add(sleeper);
        signal?.addEventListener('abort', wake);
      });
    },
  };
  async function advance(ms: number): Promise<void> {
    nowMs += ms;
    for (const sleeper of [...sleepers]) if (sleeper.wakeAtMs <= nowMs) sleeper.wake();
    await settled();
  }
  return { clock, timers, advance, sleeping: () => sleepers.size };
}

/** Lets everything that is ready to run do so: the storage commits at the end of a turn of the event loop. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

let payments = 0;

/** A charge or authorize of a payment of its own; what a test is about is what it changes. */
export function firstRequest(changed: Partial<PspRequest> = {}): PspRequest {
  payments += 1;
  const kind = changed.kind ?? 'charge';
  const ref = { merchant_id: changed.merchant_id ?? 'm_1', livemode: false, payment_id: `p${payments}` };
  const idempotency_key = pspIdempotencyKey(ref, `${kind}.1`);
  return {
    ...ref,
    idempotency_key,
    kind,
    amount: 1_000,
    currency: 'usd',
    payment_method: 'pm_card_visa',
    return_url: null,
    original_reference: null,
    original_key: idempotency_key,
    operation_id: `${kind}.1`,
    ...changed,
  };
}

/** An operation on what `original` asked for. */
export function followUp(
  original: PspRequest,
  kind: OperationKind,
  changed: Partial<PspRequest> = {},
): PspRequest {
  const operation_id = changed.operation_id ?? `${kind}.2`;
  const idempotency_key = pspIdempotencyKey(original, operation_id);
  return {
    ...original,
    idempotency_key,
    kind,
    original_key: original.idempotency_key,
    operation_id,
    ...changed,
  };
}

export const PATIENT = new AbortController().signal;

export async function reportOf(simulator: Simulator): Promise<PspReportLine[]> {
  const lines: PspReportLine[] = [];
  for await (const line of simulator.report()) lines.push(line);
  return lines;
}

/**
 * For the suite of the connector, which asks for a report in the order of execution over all payments: a table of
 * items keeps it within each payment only, and nobody who reads a report relies on more.
 */
export function inOrderAsked(simulator: Simulator): Connector {
  const asked: string[] = [];
  return {
    ...simulator,
    execute(request, signal) {
      asked.push(request.idempotency_key);
      return simulator.execute(request, signal);
    },
    async *report() {
      const place = ({ idempotency_key }: PspReportLine) => asked.indexOf(idempotency_key);
      yield* (await reportOf(simulator)).sort((a, b) => place(a) - place(b));
    },
  };
}
