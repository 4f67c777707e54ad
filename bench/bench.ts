import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCounts } from './arguments.ts';
import { folderBytes } from './folder-bytes.ts';
import type { LoadResult } from './load.ts';
import { runJson, type Started, start } from './processes.ts';
import { type Row, renderTable } from './table.ts';
import { wholePath } from './whole-path.ts';

/**
 * The benchmark of the README: every figure side by side with a bare `node:http` server in the same run, since only
 * the ratios mean anything on a shared machine. Medians of the rounds; 64 connections; load from another process.
 */
const USAGE = `The benchmark of the README, some twenty minutes on a machine that does nothing else.

  npm run bench -- [options]

  --rounds N    of each comparison; the figures are medians (default 5)
  --seconds S   of each side of a round (default 5)
  --warmup S    before the first round, not counted (default 15)
  --sustain S   of the whole path (default 60)
  --payments N  stored before reading (default 1000000)
`;

const {
  rounds,
  seconds,
  warmup,
  sustain,
  payments: many,
} = readCounts(USAGE, {
  rounds: 5,
  seconds: 5,
  warmup: 15,
  sustain: 60,
  payments: 1_000_000,
});
const few = 1_000;

const work = mkdtempSync(join(tmpdir(), 'tollgate-bench-'));
const say = (text: string) => process.stderr.write(`${text}\n`);
const env = (folder: string) => ({
  DATA_DIR: join(work, folder),
  RATE_LIMIT_PER_SECOND: '0',
  MAX_BACKLOG: '100000000',
});

let bursts = 0;
function load(server: Started, kind: string, forSeconds = seconds): Promise<LoadResult> {
  return runJson('load.ts', [server.url, server.key, kind, String(forSeconds), `r${bursts++}_`]);
}

const median = (numbers: readonly number[]) =>
  [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] as number;

interface Pair {
  ours: LoadResult;
  bare: LoadResult;
}

/** The two in turn, and the ratio pair by pair, so that a machine that slows down slows both. */
async function paired(ours: Started, bare: Started, kind: string, bareKind: string): Promise<Pair[]> {
  // Not counted: what a server does in the seconds in which its code is still being compiled says nothing of its day.
  await load(bare, bareKind, warmup);
  await load(ours, kind, warmup);
  const pairs: Pair[] = [];
  for (let round = 0; round < rounds; round++) {
    pairs.push({ bare: await load(bare, bareKind), ours: await load(ours, kind) });
  }
  return pairs;
}

function ratioRow(what: string, goal: string, pairs: readonly Pair[]): Row {
  const failed = pairs.reduce((sum, { ours }) => sum + ours.failed, 0);
  return {
    what,
    perSecond: median(pairs.map(({ ours }) => ours.perSecond)),
    p50Ms: median(pairs.map(({ ours }) => ours.p50Ms)),
    p99Ms: median(pairs.map(({ ours }) => ours.p99Ms)),
    ratio: median(pairs.map(({ ours, bare }) => ours.perSecond / bare.perSecond)),
    goal,
    note: failed > 0 ? `${failed} failed` : '',
  };
}

async function main(): Promise<Row[]> {
  const rows: Row[] = [];
  const bare = await start('bare-server.ts');
  say(`accepting: ${rounds} rounds of ${seconds} s each, in turn with bare node:http`);
  const accepting = await start('tollgate-server.ts', { ...env('accept'), DRIVERS: 'off' });
  const posts = await paired(accepting, bare, 'post', 'post');
  await accepting.stop();
  const bareRow = ratioRow(
    'bare node:http, POST',
    '',
    posts.map(({ bare: both }) => ({ ours: both, bare: both })),
  );
  rows.push(bareRow, ratioRow('POST /payments, accepted and durable', '≥ 0.60', posts));
  const p99Ratio = median(posts.map(({ ours, bare: base }) => ours.p99Ms / base.p99Ms));
  rows.push({ what: '  its p99, against bare', ratio: p99Ratio, goal: '≤ 5' });

  say(`the whole path: ${sustain} s`);
  const whole = await start('tollgate-server.ts', env('whole'));
  // Bare on both sides of it: the rate of some minutes ago would be that of another machine.
  const before = await load(bare, 'post');
  const sustained = await wholePath(whole, sustain);
  const after = await load(bare, 'post');
  const beside = (before.perSecond + after.perSecond) / 2;
  await whole.stop();
  const { perSecond, note } = sustained;
  rows.push({
    what: 'accepted → completed → audited',
    perSecond,
    ratio: perSecond / beside,
    goal: '≥ 0.35',
    note,
  });

  say(`storing ${many.toLocaleString('en')} payments`);
  await runJson('fill.ts', [join(work, 'few'), '0', String(few)]);
  await runJson('fill.ts', [join(work, 'many'), '0', String(many)]);
  const bytes =
    (folderBytes(join(work, 'many'), /^tollgate\.db/) + folderBytes(join(work, 'many', 'audit'), /./)) / many;
  const small = await start('tollgate-server.ts', env('few'));
  const large = await start('tollgate-server.ts', env('many'));

  say('reading');
  const gets = await paired(large, bare, `/payments/f${many >> 1}`, '/payments/x');
  rows.push(ratioRow(`GET one of ${many.toLocaleString('en')}`, '≥ 0.55', gets));
  const lists = await paired(large, small, '/payments?limit=10', '/payments?limit=10');
  rows.push(
    ratioRow(`list of ${many.toLocaleString('en')}, against ${few.toLocaleString('en')}`, '≥ 0.5', lists),
  );
  const last = await load(large, 'post');
  rows.push({ what: 'memory after all that', note: `${large.residentMb().toFixed(0)} MB`, goal: '≤ 300 MB' });
  rows.push({
    what: 'disk for a completed payment, with audit',
    note: `${bytes.toFixed(0)} bytes`,
    goal: '≤ 2,000 bytes',
  });
  if (last.failed > 0) rows.push({ what: 'POST with that many stored', note: `${last.failed} failed` });
  await Promise.all([small.stop(), large.stop(), bare.stop()]);
  return rows;
}

try {
  process.stdout.write(renderTable(await main()));
} finally {
  rmSync(work, { recursive: true, force: true });
}
