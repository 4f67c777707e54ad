import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { eachOf } from './client.ts';
import { type CrashReport, type Life, runCrashLoop } from './crash-loop.ts';
import { mergeReports } from './merge-reports.ts';

const USAGE = `Kills the server with SIGKILL at random moments under load, again and again on one data folder, while the command
line writes beside it and is killed too. After each restart everything that was acknowledged is looked for; after 25
loops everything must finish, and our books, the PSP's and the audit log are compared. Then comes a new folder.

  npm run crash -- [--loops 30] [--seed 1] [--jobs 2]

  --seed  of the first folder, and one more for each that follows: the moments, and what the load does, are repeated
          as far as the timing of the machine lets them
  --jobs  folders at once; by default as many as cores
`;
/** More tell nothing new. */
const SHOWN_FINDINGS = 20;
/** Kills of one folder: enough for logs and audit to grow old, few enough that comparing them all stays quick. */
const LOOPS_OF_FOLDER = 25;

interface Part {
  seed: number;
  loops: number;
}

const { loops, seed, jobs } = readArguments();
const compiled = keepCompiled();
const parts: Part[] = [];
const loopsEach = Math.min(LOOPS_OF_FOLDER, Math.ceil(loops / jobs));
for (let left = loops; left > 0; left -= loopsEach) {
  parts.push({ seed: seed + parts.length, loops: Math.min(left, loopsEach) });
}
const startedAt = performance.now();
const reports: CrashReport[] = [];
await eachOf(parts, jobs, async (part) => {
  if (reports.every(({ findings }) => findings.length === 0)) reports.push(await runPart(part));
});
const report = mergeReports(reports);
printReport(report, (performance.now() - startedAt) / 1_000);
if (report.findings.length > 0) process.exitCode = 1;
rmSync(compiled, { recursive: true });

/** Most of a start is the compiling, which tells nothing. Who is killed writes no cache, so it is filled at once. */
function keepCompiled(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-compiled-'));
  process.env.NODE_COMPILE_CACHE = folder;
  for (const name of ['server', 'cli']) {
    const file = join(import.meta.dirname, `../../src/entrypoints/${name}.ts`);
    spawnSync(process.execPath, [file, '--help'], { stdio: 'ignore' });
  }
  return folder;
}

async function runPart(part: Part): Promise<CrashReport> {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-crash-'));
  process.stdout.write(`seed ${part.seed}: ${part.loops} loops on ${folder}\n`);
  const made = await runCrashLoop({
    ...part,
    folder,
    onLoop: (life) => printLife(part, life),
    onDrained: (seconds) =>
      process.stdout.write(`seed ${part.seed}: drained in ${seconds.toFixed(1)} s; comparing the books\n`),
  });
  if (made.findings.length === 0) rmSync(folder, { recursive: true });
  else printFindings(part, made, folder);
  return made;
}

function printLife(part: Part, life: Life): void {
  const starts = life.killedStarts > 0 ? `, ${life.killedStarts} killed while starting` : '';
  const words = [
    `seed ${part.seed} loop ${String(life.number).padStart(2)}/${part.loops}`,
    `ready in ${String(life.readyMs).padStart(5)} ms${starts}`,
    `checked ${String(life.checked).padStart(4)} and sent ${String(life.sentAgain).padStart(2)} again`,
    `audit ${life.auditRecords.toLocaleString('en')}`,
    `killed after ${String(life.answers).padStart(4)} answers${life.underLoad ? '' : ', at rest'}`,
    `acknowledged ${life.acknowledged.toLocaleString('en')}`,
    life.findings.length === 0 ? 'ok' : `${life.findings.length} FINDINGS`,
  ];
  process.stdout.write(`${words.join(' · ')}\n`);
}

function printReport(result: CrashReport, seconds: number): void {
  const count = (value: number) => value.toLocaleString('en');
  const statuses = Object.entries(result.statuses).map(([status, n]) => `${count(n)} ${status}`);
  const rows: [string, string][] = [
    ['kills under load', `${count(result.loops)} of ${count(loops)}, on ${count(reports.length)} folders`],
    ['kills while starting', count(result.killedStarts)],
    ['payments acknowledged', count(result.payments)],
    ['captures, cancels, refunds acknowledged', count(result.operations)],
    ['answers that were replays', count(result.replays)],
    ['requests without an answer, sent again', count(result.sentAgain)],
    ['keys made by the command line meanwhile', count(result.keys)],
    ['payments it imported', `${count(result.imported)}; ${count(result.killedImports)} imports were killed`],
    ['payments in the end', statuses.join(', ') || 'not read'],
    ['operations in the books of the PSP', count(result.pspLines)],
    ['audit records', count(result.auditRecords)],
    ['slowest start', `${count(result.slowestReadyMs)} ms`],
    ['longest time to settle everything', `${result.drainSeconds.toFixed(1)} s`],
    ['time in all', `${seconds.toFixed(0)} s, ${jobs} at once`],
    [
      'lost, doubled or broken',
      result.findings.length === 0 ? 'nothing' : `${result.findings.length} FINDINGS`,
    ],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  const lines = rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`);
  process.stdout.write(`\n${lines.join('\n')}\n`);
}

function printFindings(part: Part, { findings, loops: done }: CrashReport, folder: string): void {
  const shown = findings.slice(0, SHOWN_FINDINGS).map((finding) => `  - ${finding}`);
  const more = findings.length - shown.length;
  process.stdout.write(`\nFound in loop ${done} of seed ${part.seed}:\n${shown.join('\n')}\n`);
  if (more > 0) process.stdout.write(`  … and ${more} more\n`);
  process.stdout.write(
    `The data folder is kept: ${folder}\n` +
      `Again: npm run crash -- --loops ${part.loops} --seed ${part.seed} --jobs 1\n`,
  );
}

function readArguments(): { loops: number; seed: number; jobs: number } {
  try {
    const { values } = parseArgs({
      options: {
        loops: { type: 'string', default: '30' },
        seed: { type: 'string', default: '1' },
        jobs: { type: 'string', default: String(availableParallelism()) },
        help: { type: 'boolean', short: 'h' },
      },
    });
    if (values.help) {
      process.stdout.write(USAGE);
      process.exit(0);
    }
    const given = { loops: Number(values.loops), seed: Number(values.seed), jobs: Number(values.jobs) };
    const isSound =
      Number.isSafeInteger(given.seed) &&
      [given.loops, given.jobs].every((value) => Number.isSafeInteger(value) && value > 0);
    if (isSound) return given;
    process.stderr.write(
      `--loops is "${values.loops}", --seed "${values.seed}" and --jobs "${values.jobs}": give whole numbers, ` +
        `loops and jobs above 0.\n\n${USAGE}`,
    );
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
  }
  process.exit(2);
}
