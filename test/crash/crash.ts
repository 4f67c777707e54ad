import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type CrashReport, type Life, runCrashLoop } from './crash-loop.ts';

const USAGE = `Kills the server with SIGKILL at random moments under load, again and again on one data folder, and checks
after each restart that everything it acknowledged is there; in the end that every payment has finished, and that
our books, the PSP's and the audit log agree.

  npm run crash -- [--loops 30] [--seed 1]
`;
/** More tell nothing new. */
const SHOWN_FINDINGS = 20;

const { values } = parseArgs({
  options: {
    loops: { type: 'string', default: '30' },
    seed: { type: 'string', default: '1' },
    help: { type: 'boolean', short: 'h' },
  },
});
const [loops, seed] = [Number(values.loops), Number(values.seed)];
if (values.help || !Number.isSafeInteger(loops) || loops < 1 || !Number.isSafeInteger(seed)) {
  process.stdout.write(USAGE);
  process.exit(values.help ? 0 : 2);
}

const folder = mkdtempSync(join(tmpdir(), 'tollgate-crash-'));
const startedAt = performance.now();
process.stdout.write(`${loops} loops with seed ${seed} on ${folder}\n`);
const report = await runCrashLoop({ loops, seed, folder, onLoop: printLife, onDrained: printDrained });
printReport(report, (performance.now() - startedAt) / 1_000);
if (report.findings.length === 0) {
  rmSync(folder, { recursive: true });
} else {
  printFindings(report);
  process.exitCode = 1;
}

function printLife(life: Life): void {
  const starts = life.killedStarts > 0 ? `, ${life.killedStarts} killed while starting` : '';
  const parts = [
    `loop ${String(life.number).padStart(String(loops).length)}/${loops}`,
    `ready in ${String(life.readyMs).padStart(5)} ms${starts}`,
    `checked ${String(life.checked).padStart(4)} and sent ${String(life.sentAgain).padStart(2)} again`,
    `audit ${life.auditRecords.toLocaleString('en')}`,
    `killed after ${String(life.answers).padStart(4)} answers${life.underLoad ? '' : ', at rest'}`,
    `acknowledged ${life.acknowledged.toLocaleString('en')}`,
    life.findings.length === 0 ? 'ok' : `${life.findings.length} FINDINGS`,
  ];
  process.stdout.write(`${parts.join(' · ')}\n`);
}

function printDrained(seconds: number): void {
  process.stdout.write(`last start: drained in ${seconds.toFixed(1)} s; comparing the books\n`);
}

function printReport(result: CrashReport, seconds: number): void {
  const statuses = Object.entries(result.statuses).map(
    ([status, count]) => `${count.toLocaleString('en')} ${status}`,
  );
  const rows: [string, string][] = [
    ['kills under load', result.loops.toLocaleString('en')],
    ['kills while starting', result.killedStarts.toLocaleString('en')],
    ['payments acknowledged', result.payments.toLocaleString('en')],
    ['captures, cancels, refunds acknowledged', result.operations.toLocaleString('en')],
    ['answers that were replays', result.replays.toLocaleString('en')],
    ['requests without an answer, sent again', result.sentAgain.toLocaleString('en')],
    ['payments in the end', statuses.join(', ') || 'not read'],
    ['operations in the books of the PSP', result.pspLines.toLocaleString('en')],
    ['audit records', result.auditRecords.toLocaleString('en')],
    ['slowest start', `${result.slowestReadyMs.toLocaleString('en')} ms`],
    ['time to settle everything in the end', `${result.drainSeconds.toFixed(1)} s`],
    ['time in all', `${seconds.toFixed(0)} s`],
    [
      'lost, doubled or broken',
      result.findings.length === 0 ? 'nothing' : `${result.findings.length} FINDINGS`,
    ],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  const lines = rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`);
  process.stdout.write(`\n${lines.join('\n')}\n`);
}

function printFindings({ findings, loops: done }: CrashReport): void {
  const shown = findings.slice(0, SHOWN_FINDINGS).map((finding) => `  - ${finding}`);
  const more = findings.length - shown.length;
  process.stdout.write(`\nFound in loop ${done} of seed ${seed}:\n${shown.join('\n')}\n`);
  if (more > 0) process.stdout.write(`  … and ${more} more\n`);
  process.stdout.write(`The data folder is kept: ${folder}\n`);
}
