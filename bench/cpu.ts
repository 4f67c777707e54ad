import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCounts } from './arguments.ts';
import type { LoadResult } from './load.ts';
import { runJson, start } from './processes.ts';

/**
 * What a request costs, and which thread pays: CPU time by kind of thread, from Linux's own clocks, divided by the
 * requests that were answered. It moves less with the machine's other work than rates do.
 */
const USAGE = `What a request costs in CPU time, and which thread pays.

  npm run bench:cpu -- [options]

  --seconds S   of each measurement (default 10)
  --warmup S    before it, not counted (default 10)
`;

const { seconds, warmup } = readCounts(USAGE, { seconds: 10, warmup: 10 });

/** Linux counts CPU time in hundredths of a second. */
const US_PER_TICK = 10_000;

/** The names that Node gives its threads; both kinds of garbage collection and compilation are V8's. */
const KINDS: readonly (readonly [pattern: RegExp, kind: string])[] = [
  [/^MainThread|^node/, 'database, and all the rest'],
  [/^WorkerThread/, 'HTTP'],
  [/^libuv/, 'syncs of the disk'],
  [/./, "V8's own: garbage, compiling"],
];

function cpuOf(pid: number): Map<string, number> {
  const ticks = new Map<string, number>();
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    const stat = readFileSync(`/proc/${pid}/task/${task}/stat`, 'utf8');
    const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
    // After the name: state, then fields 4 onwards; user and system time are fields 14 and 15.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const kind = KINDS.find(([pattern]) => pattern.test(name))?.[1] ?? name;
    ticks.set(kind, (ticks.get(kind) ?? 0) + Number(fields[11]) + Number(fields[12]));
  }
  return ticks;
}

async function measure(what: string, script: string, env: Record<string, string>, kind: string) {
  const server = await start(script, env);
  const load = (forSeconds: number, prefix: string) =>
    runJson<LoadResult>('load.ts', [server.url, server.key, kind, String(forSeconds), prefix]);
  await load(warmup, 'w');
  const before = cpuOf(server.pid);
  const { answered, perSecond } = await load(seconds, 'm');
  const after = cpuOf(server.pid);
  await server.stop();
  process.stdout.write(`\n${what}: ${perSecond.toFixed(0)}/s\n`);
  let sumUs = 0;
  for (const [name, ticks] of after) {
    const us = ((ticks - (before.get(name) ?? 0)) * US_PER_TICK) / answered;
    sumUs += us;
    if (us >= 0.5) process.stdout.write(`  ${us.toFixed(0).padStart(5)} µs  ${name}\n`);
  }
  process.stdout.write(`  ${sumUs.toFixed(0).padStart(5)} µs  in all\n`);
}

const work = mkdtempSync(join(tmpdir(), 'tollgate-cpu-'));
const env = (folder: string) => ({
  DATA_DIR: join(work, folder),
  RATE_LIMIT_PER_SECOND: '0',
  MAX_BACKLOG: '100000000',
});
try {
  await measure('bare node:http, POST', 'bare-server.ts', {}, 'post');
  const accepting = { ...env('accept'), DRIVERS: 'off' };
  await measure('POST /payments, accepted and durable', 'tollgate-server.ts', accepting, 'post');
  await measure('accepted, completed and audited', 'tollgate-server.ts', env('whole'), 'post');
} finally {
  rmSync(work, { recursive: true, force: true });
}
