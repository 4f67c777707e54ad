import { createSeededIds } from '../../src/adapters/memory/seeded-ids.ts';
import { type ArrivalsDeps, sendArrivals } from './arrivals.ts';
import { createConnectionPool } from './connection-pool.ts';
import { createMarks } from './marks.ts';
import { outcomeOf } from './outcome.ts';
import { createPhaseRecord, type PhaseRecord } from './phase-record.ts';
import {
  type GeneratorMessage,
  type GeneratorOrder,
  type Phase,
  type Plan,
  paymentNumbered,
} from './traffic.ts';

/** A load generator, in a process of its own so that nothing but its own work makes it late: see `generate.ts`. */

/** Open at once: more than are ever unanswered, and together fewer than a server has waiting to be accepted (511). */
const MOST_CONNECTIONS = 250;
/** How often it looks whether the last answers of a phase have come. */
const ANSWERS_POLL_MS = 20;

let stopped = false;

const deps: ArrivalsDeps = {
  now: () => performance.timeOrigin + performance.now(),
  sleep: (ms) => new Promise((resolve) => (ms > 0 ? setTimeout(resolve, ms) : setImmediate(resolve))),
  random: () => Number.NaN,
};

function tell(message: GeneratorMessage): Promise<void> {
  return new Promise((resolve, reject) => {
    process.send?.(message, undefined, {}, (error) => (error ? reject(error) : resolve()));
  });
}

async function run({ url, key, prefix, seed, startAtMs, phases }: Plan): Promise<void> {
  const ids = createSeededIds(seed);
  const pool = createConnectionPool({ url, most: MOST_CONNECTIONS });
  const accepted = createMarks();
  const unanswered: number[] = [];
  let count = 0;
  const host = new URL(url).host;
  const head = `POST /payments HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${key}\r\nContent-Type: application/json`;

  async function ask(record: PhaseRecord, dueMs: number, { waitEvery }: Phase): Promise<void> {
    const number = count++;
    const waits = waitEvery > 0 && number % waitEvery === 0;
    const body = JSON.stringify(paymentNumbered(prefix, number));
    const prefer = waits ? '\r\nPrefer: wait=25' : '';
    record.sent(dueMs, deps.now());
    const answer = await pool.ask(`${head}${prefer}\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    const outcome = outcomeOf(answer);
    if (outcome.kind === 'accepted') accepted.add(number);
    else if (outcome.kind === 'unanswered') unanswered.push(number);
    record.answered({ dueMs, waits }, outcome, deps.now());
  }

  async function runPhase(phase: Phase, startMs: number): Promise<() => Promise<void>> {
    const record = createPhaseRecord(phase, startMs);
    const endMs = startMs + phase.seconds * 1_000;
    const queuedBefore = pool.queued();
    if ('ratePerSecond' in phase) {
      const arrivals = { ...phase, startMs };
      await sendArrivals(
        arrivals,
        { ...deps, random: ids.random },
        (dueMs) => void ask(record, dueMs, phase),
      );
    } else {
      const connection = async () => {
        while (deps.now() < endMs) await ask(record, deps.now(), phase);
      };
      await Promise.all(Array.from({ length: phase.connections }, connection));
    }
    const queued = pool.queued() - queuedBefore;
    return async () => {
      while (record.open() > 0) await deps.sleep(ANSWERS_POLL_MS);
      await tell({ phase: record.result(queued) });
    };
  }

  let startMs = startAtMs;
  const told: Promise<void>[] = [];
  for (const phase of phases) {
    if (stopped) break;
    for (let waitMs = startMs - deps.now(); waitMs > 0; waitMs = startMs - deps.now())
      await deps.sleep(waitMs);
    const tellResult = await runPhase(phase, startMs);
    told.push(tellResult());
    startMs += phase.seconds * 1_000;
  }
  await Promise.all(told);
  pool.close();
  await tell({ sent: { prefix, count, acceptedBits: accepted.toBase64(), unanswered } });
  process.disconnect();
}

// A fault rejects, ends this process with a code that is not 0, and is thus seen by who started it.
process.on('message', (order: GeneratorOrder) => {
  if ('stop' in order) stopped = true;
  else run(order.plan);
});
