import type { Life, LifeFailure, RuntimeName } from '../run-life.ts';
import { FAULT_KINDS, type FaultKind, ONLY_IN } from '../world/faults.ts';

/** A life that went wrong, small enough to be sent between processes. */
export interface FailedLife {
  seed: string;
  runtime: RuntimeName;
  failure: LifeFailure;
}

/** What came of many lives. Plain data: workers send theirs, and they are added up. */
export interface Summary {
  lives: Record<RuntimeName, number>;
  events: number;
  /** Time of processors spent living, over all workers. */
  busyMs: number;
  met: Record<string, number>;
  failures: FailedLife[];
  failed: number;
}

/** More are counted and not kept: whoever has these has enough to do. */
const MAX_FAILURES = 20;

export function emptySummary(): Summary {
  return { lives: { memory: 0, sqlite: 0, aws: 0 }, events: 0, busyMs: 0, met: {}, failures: [], failed: 0 };
}

export function addLife(summary: Summary, life: Life): void {
  summary.lives[life.runtime] += 1;
  summary.events += life.events;
  for (const [what, count] of Object.entries(life.met)) summary.met[what] = (summary.met[what] ?? 0) + count;
  if (!life.failure) return;
  summary.failed += 1;
  if (summary.failures.length < MAX_FAILURES)
    summary.failures.push({ seed: String(life.seed), runtime: life.runtime, failure: life.failure });
}

export function addSummary(into: Summary, part: Summary): void {
  for (const runtime of ['memory', 'sqlite', 'aws'] as const) into.lives[runtime] += part.lives[runtime];
  into.events += part.events;
  into.busyMs += part.busyMs;
  into.failed += part.failed;
  for (const [what, count] of Object.entries(part.met)) into.met[what] = (into.met[what] ?? 0) + count;
  into.failures.push(...part.failures);
  into.failures.sort((a, b) => (BigInt(a.seed) < BigInt(b.seed) ? -1 : 1));
  into.failures.length = Math.min(into.failures.length, MAX_FAILURES);
}

export function livesOf({ lives }: Summary): number {
  return lives.memory + lives.sqlite + lives.aws;
}

/** From so many lives on, a fault that has never struck is one that cannot; of a runtime's own faults, of its lives. */
const ENOUGH_LIVES = 500;
const ENOUGH_OF_RUNTIME = 100;

/** Kinds of fault of which nothing was seen, although there was time for it: then the simulation would prove nothing. */
export function missingFaults(
  summary: Summary,
  kinds: readonly FaultKind[] = FAULT_KINDS,
  onlyIn: Partial<Record<FaultKind, RuntimeName>> = ONLY_IN,
): FaultKind[] {
  const { lives, met } = summary;
  return kinds.filter((kind) => {
    const runtime = onlyIn[kind];
    const isEnough = runtime ? lives[runtime] >= ENOUGH_OF_RUNTIME : livesOf(summary) >= ENOUGH_LIVES;
    return isEnough && !met[`fault:${kind}`];
  });
}
