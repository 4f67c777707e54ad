import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseFuzzArguments, USAGE } from './arguments.ts';
import { findingText, kindTable, summary, unseenList } from './report.ts';
import { type FuzzReport, runFuzz } from './run-fuzz.ts';

const parsed = parseFuzzArguments(process.argv.slice(2));
if ('problem' in parsed) {
  process.stderr.write(`${parsed.problem}\n\n${USAGE}`);
  process.exit(2);
}
if ('help' in parsed) {
  process.stdout.write(USAGE);
  process.exit(0);
}

const { seed, requests, only } = parsed;
/** In memory where the system has a place for that: what a disk makes durable is tested elsewhere. */
const TEMPORARY = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

const folder = mkdtempSync(join(TEMPORARY, 'tollgate-fuzz-'));
process.stdout.write(
  only === undefined
    ? `Seed ${seed}: ${requests.toLocaleString('en')} numbers, on ${folder}\n`
    : `Seed ${seed}: number ${only} and what it builds on, on ${folder}\n`,
);
const report = await runFuzz({ seed, requests, only, folder, onProgress: printProgress });
print(report);
if (report.findings.length + report.wrongs.length === 0) {
  rmSync(folder, { recursive: true });
} else {
  process.stdout.write(`The data folder and the log are kept: ${folder}\n`);
  process.exitCode = 1;
}

function printProgress(done: number, seconds: number): void {
  if (done % 10_000 !== 0) return;
  const speed = Math.round(done / seconds).toLocaleString('en');
  process.stdout.write(`  ${done.toLocaleString('en')} played, ${speed}/s\n`);
}

function print(result: FuzzReport): void {
  process.stdout.write(`\n${kindTable(result)}\n\n${summary(result)}\n`);
  if (only === undefined && result.unseen.length > 0) {
    process.stdout.write(`\nPromised by the document, and never seen:\n${unseenList(result)}\n`);
  }
  for (const finding of result.findings) process.stdout.write(`\n${findingText(seed, finding)}`);
  for (const wrong of result.wrongs) process.stdout.write(`\nSeed ${seed}: ${wrong}\n`);
}
