import type { LoadResult } from './load.ts';
import { runJson, type Started } from './processes.ts';

/** How long the rest may take to drain once the load has ended: its time counts too. */
const DRAIN_LIMIT_MS = 120_000;

interface Gauges {
  completed: number;
  backlog: number;
  inFlight: number;
  auditLag: number;
}

async function gauges(server: Started): Promise<Gauges> {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  const value = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1] ?? 0);
  return {
    completed: value('tollgate_payments_total\\{status="completed"\\}'),
    backlog: value('tollgate_backlog'),
    inFlight: value('tollgate_queue_in_flight'),
    auditLag: value('tollgate_audit_lag'),
  };
}

/**
 * As many payments as 64 connections can send, for a while; then the time until the last of them is completed and
 * audited. Payments per second over all of that time, and whether any was lost.
 */
export async function wholePath(
  server: Started,
  seconds: number,
): Promise<{ perSecond: number; note: string }> {
  const started = performance.now();
  let deepest = 0;
  const watch = setInterval(async () => {
    deepest = Math.max(deepest, (await gauges(server)).backlog);
  }, 1_000);
  const result = await runJson<LoadResult>('load.ts', [
    server.url,
    server.key,
    'post',
    String(seconds),
    'w_',
  ]);
  clearInterval(watch);
  const loaded = performance.now();
  let now = await gauges(server);
  while (now.completed < result.answered || now.auditLag > 0) {
    if (performance.now() - loaded > DRAIN_LIMIT_MS) break;
    await new Promise((resolve) => setTimeout(resolve, 10));
    now = await gauges(server);
  }
  const tookMs = performance.now() - started;
  const lost = Math.max(0, result.answered - now.completed);
  const drainMs = Math.round(performance.now() - loaded);
  return {
    perSecond: (now.completed * 1_000) / tookMs,
    note: `${now.completed.toLocaleString('en')} payments, ${lost} lost, ${result.failed} failed; deepest backlog ${deepest}, drained in ${drainMs} ms`,
  };
}
