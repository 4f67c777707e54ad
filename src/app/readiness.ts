import type { Clock } from '../ports/clock.ts';
import type { Backlog } from './backlog.ts';

export interface Check {
  ok: boolean;
  detail?: string;
}

export interface Readiness {
  ready: boolean;
  checks: Record<string, Check>;
}

/** A write and a read of the part itself; rejects if it does not work. */
export type Probe = () => Promise<unknown>;

/** How long an answer is good for: the question needs no key, and must not become a load. */
const REMEMBER_MS = 1_000;

/** Whether this process can take payments: every part answers, and the backlog is below its limit. */
export function createReadiness(deps: { probes: Record<string, Probe>; backlog: Backlog; clock: Clock }) {
  const { probes, backlog, clock } = deps;
  let known: { at: number; readiness: Promise<Readiness> } | undefined;

  async function probe(check: Probe): Promise<Check> {
    try {
      await check();
      return { ok: true };
    } catch (error) {
      return { ok: false, detail: error instanceof Error ? error.message : String(error) };
    }
  }

  async function belowLimit(): Promise<void> {
    const waiting = await backlog.waiting();
    if (waiting < backlog.limit) return;
    throw new Error(`${waiting} operations are waiting; the limit is ${backlog.limit}`);
  }

  async function look(): Promise<Readiness> {
    const names = Object.keys(probes);
    const results = await Promise.all(names.map((name) => probe(probes[name] as Probe)));
    const checks: Record<string, Check> = Object.fromEntries(
      names.map((name, i) => [name, results[i] as Check]),
    );
    if (results.every(({ ok }) => ok)) checks.backlog = await probe(belowLimit);
    return { ready: Object.values(checks).every(({ ok }) => ok), checks };
  }

  return (): Promise<Readiness> => {
    const now = clock.now();
    if (!known || now - known.at >= REMEMBER_MS || now < known.at) known = { at: now, readiness: look() };
    return known.readiness;
  };
}

export type CheckReadiness = ReturnType<typeof createReadiness>;
