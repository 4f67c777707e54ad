import { createSystemTimers } from '../../src/adapters/system/system-timers.ts';
import { compareBooks } from './compare-books.ts';
import { GENERATOR_START_MS, generate, startGenerator } from './generate.ts';
import { type Outcome, whole } from './goals.ts';
import { type LoadServer, startLoadServer } from './load-server.ts';
import { minuteHeader, minuteLine } from './soak-minute.ts';
import { during, type SoakSample, soakRows } from './soak-result.ts';

const SHARE_OF_CAPACITY = 0.7;
const CAPACITY_CONNECTIONS = 64;
/** Every so many wait for the outcome: their time is that of the whole path. */
const WAIT_EVERY = 50;
const SAMPLE_EVERY_MS = 5_000;
const DRAIN_LIMIT_MS = 120_000;
const MERCHANT = 'anchor-books';

export interface SoakOptions {
  minutes: number;
  /** Of measuring the capacity. */
  seconds: number;
  seed: number;
  print: (line: string) => void;
}

const timers = createSystemTimers();

/** As much of the whole path as the machine does all day: nothing may grow but what is stored. */
export async function soak({ minutes, seconds, seed, print }: SoakOptions): Promise<Outcome> {
  const findings: string[] = [];
  const found = (finding: string) => void findings.push(finding);
  const server = await startLoadServer({}, [MERCHANT]);
  const plan = { url: server.url, key: server.keyOf(MERCHANT), seed };

  const burst = async (name: string) => {
    const phase = { name, seconds, connections: CAPACITY_CONNECTIONS, waitEvery: 0 };
    const startAtMs = Date.now() + GENERATOR_START_MS;
    const { sent, phases } = await generate({ ...plan, prefix: `${name}-`, startAtMs, phases: [phase] });
    await server.drained(DRAIN_LIMIT_MS);
    return { sent, perSecond: ((phases[0]?.accepted ?? 0) * 1_000) / (Date.now() - startAtMs) };
  };
  const warmUp = await burst('warm-up');
  const capacity = await burst('capacity');
  const rate = capacity.perSecond * SHARE_OF_CAPACITY;
  print(`whole path: ${whole(capacity.perSecond)} payments/s; ${minutes} minutes at ${whole(rate)}/s`);

  print(minuteHeader());
  const before = server.outside();
  const samples: SoakSample[] = [];
  const startAtMs = Date.now() + GENERATOR_START_MS;
  const generator = startGenerator(
    {
      ...plan,
      prefix: 'soak-',
      startAtMs,
      phases: Array.from({ length: minutes }, (_, at) => ({
        name: String(at + 1),
        seconds: 60,
        ratePerSecond: rate,
        waitEvery: WAIT_EVERY,
      })),
    },
    (phase) => print(minuteLine(phase, during(phase, samples), during(phase, server.inside()), before)),
  );
  const stopSampling = sample(server, samples);
  const halfMs = (minutes * 60_000) / 2;
  const heapAtHalf = await heapAt(server, startAtMs + halfMs);
  const { phases, sent } = await generator.finished;
  const heapAtEnd = await heapAt(server, 0);
  await stopSampling();
  const drainedMs = await server.drained(DRAIN_LIMIT_MS);
  const after = server.outside();
  const inside = server.inside();
  for (const problem of await server.stop()) found(problem);
  print('comparing the books');
  const traffic = [warmUp, capacity, { sent }].map((one) => ({ merchant: MERCHANT, sent: one.sent }));
  const totals = await compareBooks(server.folder, traffic, found);
  if (findings.length === 0) server.remove();

  const rows = soakRows({
    minutes,
    startAtMs,
    capacity: capacity.perSecond,
    rate,
    phases,
    samples,
    inside,
    heapAtHalf,
    heapAtEnd,
    before,
    after,
    drainedMs,
    totals,
  });
  return { title: 'SOAK', rows, findings };
}

async function heapAt(server: LoadServer, atMs: number): Promise<number> {
  await timers.sleep(Math.max(0, atMs - Date.now()));
  return server.settle();
}

function sample(server: LoadServer, samples: SoakSample[]): () => Promise<void> {
  const stopped = new AbortController();
  async function run(): Promise<void> {
    while (!stopped.signal.aborted) {
      const { atMs, backlog, unfinished } = await server.gauges();
      samples.push({ ...server.outside(), atMs, backlog, unfinished });
      await timers.sleep(SAMPLE_EVERY_MS, stopped.signal);
    }
  }
  const running = run();
  // Whoever stops it sees the fault.
  running.catch(() => undefined);
  return async () => {
    stopped.abort();
    await running;
  };
}
