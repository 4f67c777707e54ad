import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSystemTimers } from '../../src/adapters/system/system-timers.ts';
import { makeKeys, withFolder } from '../crash/folder.ts';
import { startServerProcess } from '../server-process.ts';
import type { InsideVitals } from './event-loop-probe.ts';
import { type OutsideVitals, readVitals } from './process-vitals.ts';

/** From `/metrics`. */
export interface Gauges {
  atMs: number;
  /** Payments that this process has completed. */
  completed: number;
  backlog: number;
  /** Not ready, not seen by the relay, in a worker's hands, or not in the audit log. */
  unfinished: number;
}

export interface LoadServer {
  url: string;
  /** The data folder. */
  folder: string;
  keyOf(merchant: string): string;
  gauges(): Promise<Gauges>;
  outside(): OutsideVitals;
  /** What the process has noted of itself so far. */
  inside(): readonly InsideVitals[];
  /** Lets the process collect its garbage; answers what of its heap is left, in bytes. */
  settle(): Promise<number>;
  /** Waits until nothing is unfinished; answers how long it took, in ms. */
  drained(limitMs: number): Promise<number>;
  /** Ends it; answers what is wrong with how it ended and with what it logged. */
  stop(): Promise<string[]>;
  /** Removes what it wrote. */
  remove(): void;
}

const PROBE = new URL('./event-loop-probe.ts', import.meta.url).href;
const POLL_MS = 50;
const SETTLE_LIMIT_MS = 10_000;

const timers = createSystemTimers();

/** The real server, in a process of its own, on a new folder with a key for each merchant. */
export async function startLoadServer(
  settings: Readonly<Record<string, string>>,
  merchants: readonly string[],
): Promise<LoadServer> {
  const place = mkdtempSync(join(tmpdir(), 'tollgate-load-'));
  const folder = join(place, 'data');
  const vitalsFile = join(place, 'vitals.ndjson');
  const keys = await withFolder(folder, (parts) => makeKeys(parts, merchants));
  const server = startServerProcess({
    PORT: '0',
    LOG_LEVEL: 'error',
    RATE_LIMIT_PER_SECOND: '0',
    ...settings,
    DATA_DIR: folder,
    NODE_OPTIONS: `--import=${PROBE}`,
    LOAD_VITALS_FILE: vitalsFile,
  });
  const url = await server.ready;
  const pid = server.pid as number;

  async function gauges(): Promise<Gauges> {
    const text = await (await fetch(`${url}/metrics`)).text();
    const value = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1] ?? 0);
    const backlog = value('tollgate_backlog');
    const others = ['queue_delayed', 'queue_in_flight', 'audit_lag'].map((name) => value(`tollgate_${name}`));
    return {
      atMs: Date.now(),
      completed: value('tollgate_payments_total\\{status="completed"\\}'),
      backlog,
      unfinished: others.reduce((sum, other) => sum + other, backlog),
    };
  }

  function inside(): InsideVitals[] {
    if (!existsSync(vitalsFile)) return [];
    const lines = readFileSync(vitalsFile, 'utf8').split('\n');
    return lines.filter((line) => line !== '').map((line) => JSON.parse(line));
  }

  return {
    url,
    folder,
    keyOf: (merchant) => keys.get(merchant) as string,
    gauges,
    outside: () => readVitals(pid, folder),
    inside,
    async settle() {
      const askedMs = Date.now();
      process.kill(pid, 'SIGUSR2');
      while (Date.now() - askedMs < SETTLE_LIMIT_MS) {
        await timers.sleep(POLL_MS);
        const settled = inside().findLast(({ settledHeapBytes }) => settledHeapBytes !== null);
        if (settled && settled.atMs >= askedMs) return settled.settledHeapBytes as number;
      }
      throw new Error(`The server has not collected its garbage within ${SETTLE_LIMIT_MS} ms.`);
    },
    async drained(limitMs) {
      const startedAt = performance.now();
      for (;;) {
        const { unfinished } = await gauges();
        const tookMs = performance.now() - startedAt;
        if (unfinished === 0) return tookMs;
        if (tookMs > limitMs)
          throw new Error(`After ${limitMs} ms without load ${unfinished} pieces of work are left.`);
        await timers.sleep(POLL_MS);
      }
    },
    async stop() {
      const { code, signal } = await server.stop();
      const errors = server.errors().trim();
      return [
        ...(code === 0 ? [] : [`Asked to stop, the server ended with ${signal ?? `code ${code}`}`]),
        ...(errors === '' ? [] : [`The server reported errors: ${errors}`]),
      ];
    },
    remove: () => rmSync(place, { recursive: true, force: true }),
  };
}

/** Reads the gauges again and again until it is stopped. */
export function watchGauges(server: LoadServer, everyMs: number): () => Promise<readonly Gauges[]> {
  const stopped = new AbortController();
  const seen: Gauges[] = [];
  async function watch(): Promise<void> {
    while (!stopped.signal.aborted) {
      seen.push(await server.gauges());
      await timers.sleep(everyMs, stopped.signal);
    }
  }
  const watching = watch();
  // Whoever stops it sees the fault.
  watching.catch(() => undefined);
  return async () => {
    stopped.abort();
    await watching;
    return seen;
  };
}
