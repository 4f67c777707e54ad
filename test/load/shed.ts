import { compareBooks } from './compare-books.ts';
import { GENERATOR_START_MS, generate, startGenerator } from './generate.ts';
import type { Outcome } from './goals.ts';
import { startLoadServer, watchGauges } from './load-server.ts';
import { roundsOf, shedRows } from './shed-result.ts';
import { isValid, type Phase, TRIED_FOR_EACH } from './traffic.ts';

/**
 * The PSP is what limits: so many operations at once, each so long, are 400 payments a second at most, a small part of
 * what the process can do. As many again may wait, so whoever is accepted waits for one more turn.
 */
const PSP_CONCURRENCY = 32;
const SIMULATOR_LATENCY_MS = 80;
const MAX_BACKLOG = 32;
/** All of them wait for their outcome, which keeps every place taken: what then comes out is the capacity. */
const CAPACITY_CONNECTIONS = PSP_CONCURRENCY + MAX_BACKLOG;

const UNLOADED_SHARE = 0.5;
const OVERLOAD = 3;
/** After each overload, as unloaded: in this time it must have recovered. */
const RECOVERY_SECONDS = 2;
/** Every tenth waits for the outcome: its time is that of the whole path. */
const WAIT_EVERY = 10;
const WATCH_EVERY_MS = 50;
const DRAIN_LIMIT_MS = 30_000;
const MERCHANT = 'anchor-books';

export interface RoundsOptions {
  rounds: number;
  /** Of each phase. */
  seconds: number;
  seed: number;
}

/** Three times the capacity is sent: the excess is refused, what is accepted does not suffer, and then it recovers. */
export async function shed({ rounds, seconds, seed }: RoundsOptions): Promise<Outcome> {
  const findings: string[] = [];
  const found = (finding: string) => void findings.push(finding);
  const server = await startLoadServer(
    {
      PSP_CONCURRENCY: String(PSP_CONCURRENCY),
      SIMULATOR_LATENCY_MS: String(SIMULATOR_LATENCY_MS),
      MAX_BACKLOG: String(MAX_BACKLOG),
    },
    [MERCHANT],
  );
  const plan = { url: server.url, key: server.keyOf(MERCHANT), seed };

  const closed = { seconds, connections: CAPACITY_CONNECTIONS, waitEvery: 1 };
  const measured = await generate({
    ...plan,
    prefix: 'capacity-',
    startAtMs: Date.now() + GENERATOR_START_MS,
    phases: [
      { ...closed, name: 'warm-up' },
      { ...closed, name: 'capacity' },
    ],
  });
  const capacity = (measured.phases[1]?.accepted ?? 0) / seconds;
  await server.drained(DRAIN_LIMIT_MS);

  const stopWatching = watchGauges(server, WATCH_EVERY_MS);
  const seen: Parameters<typeof roundsOf>[0][number][] = [];
  const generator = startGenerator(
    {
      ...plan,
      prefix: 'shed-',
      startAtMs: Date.now() + GENERATOR_START_MS,
      phases: [
        open('warm-up', capacity * UNLOADED_SHARE, seconds),
        ...phasesOf(rounds * TRIED_FOR_EACH, seconds, capacity),
      ],
    },
    (phase) => {
      seen.push(phase);
      if (roundsOf(seen).filter(({ phases }) => phases.every(isValid)).length >= rounds) generator.stop();
    },
  );
  const generated = await generator.finished;
  const gauges = await stopWatching();
  const drainedMs = await server.drained(DRAIN_LIMIT_MS);
  for (const problem of await server.stop()) found(problem);

  const traffic = [measured, generated].map(({ sent }) => ({ merchant: MERCHANT, sent }));
  const totals = await compareBooks(server.folder, traffic, found);
  if (findings.length === 0) server.remove();
  const rows = shedRows({ wanted: rounds, capacity, phases: generated.phases, gauges, drainedMs, totals });
  return { title: 'OVERLOAD', rows, findings };
}

function open(name: string, ratePerSecond: number, seconds: number): Phase {
  return { name, ratePerSecond, seconds, waitEvery: WAIT_EVERY };
}

function phasesOf(rounds: number, seconds: number, capacity: number): Phase[] {
  return Array.from({ length: rounds }, () => [
    open('unloaded', capacity * UNLOADED_SHARE, seconds),
    open('overloaded', capacity * OVERLOAD, seconds),
    open('after', capacity * UNLOADED_SHARE, RECOVERY_SECONDS),
  ]).flat();
}
