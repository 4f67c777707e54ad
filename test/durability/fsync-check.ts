import { parseArgs } from 'node:util';
import { type FsyncRun, runFsyncCheck } from './fsync-run.ts';
import { StraceError } from './strace.ts';

const USAGE = `Watches the system calls of the real server with strace, and checks their order: whatever an answer tells is in
the write-ahead log, and the log is synced, before the answer leaves; before the PSP is asked; and before the audit log
says so. The audit log's head moves only past what is synced. Then the same on servers whose syncs do nothing, which
must be found out. Needs strace (apt-get install strace) and the right to attach to a process (root has it).

  npm run fsync-check -- [--payments 60]
`;
/** More tell nothing new. */
const SHOWN_FINDINGS = 5;

const payments = readArguments();
const RUNS: readonly FsyncRun[] = [
  { connections: 1, payments, withoutSync: null },
  { connections: 16, payments: payments * 4, withoutSync: null },
  { connections: 16, payments, withoutSync: 'log' },
  { connections: 16, payments, withoutSync: 'audit' },
];

try {
  let isSound = true;
  for (const run of RUNS) isSound = (await check(run)) && isSound;
  process.stdout.write(
    isSound
      ? '\nNothing left the server before it was on disk, and a server that does not sync is found out.\n'
      : '\nFAILED: see above.\n',
  );
  process.exitCode = isSound ? 0 : 1;
} catch (error) {
  if (!(error instanceof StraceError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}

/** Whether it came out as it must. */
async function check(run: FsyncRun): Promise<boolean> {
  const { counts, findings, answered } = await runFsyncCheck(run);
  const what = run.withoutSync === null ? 'the server' : `a server that does not sync its ${run.withoutSync}`;
  process.stdout.write(`\n${what}, ${run.connections} connections, ${answered} payments\n`);
  const rows: [string, number][] = [
    ['commits', counts.commits],
    ['syncs of the log', counts.logSyncs],
    ['answers checked', counts.answers],
    ['payments checked before the PSP was asked', counts.asked],
    ['audit records checked', counts.auditRecords],
    ['audit appends checked', counts.auditAppends],
    ['too early', findings.length],
  ];
  for (const [name, value] of rows)
    process.stdout.write(`  ${name.padEnd(42)}${value.toLocaleString('en').padStart(8)}\n`);
  for (const finding of findings.slice(0, SHOWN_FINDINGS)) process.stdout.write(`  - ${finding}\n`);
  if (run.withoutSync !== null) return findings.length > 0;
  const seen = answered === run.payments && Object.values(counts).every((count) => count > 0);
  if (!seen) process.stdout.write('  - not everything was seen: the check proves nothing\n');
  return seen && findings.length === 0;
}

function readArguments(): number {
  try {
    const { values } = parseArgs({
      options: { payments: { type: 'string', default: '60' }, help: { type: 'boolean', short: 'h' } },
    });
    if (values.help) {
      process.stdout.write(USAGE);
      process.exit(0);
    }
    const count = Number(values.payments);
    if (Number.isSafeInteger(count) && count > 0) return count;
    process.stderr.write(`--payments is "${values.payments}": give a whole number above 0.\n\n${USAGE}`);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
  }
  process.exit(2);
}
