import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { checkTornAudit } from './torn-audit.ts';
import { checkTorn, type Damage, offsetsOf, type TornReport } from './torn-log.ts';
import { tornPayments, tornSimulator } from './torn-subjects.ts';

const USAGE = `Cuts the write-ahead logs of the payments and of the PSP simulator, and the audit log, at one offset after the other,
and garbles what follows on the offset. What opens afterwards must be sound, and hold exactly the commits that lie
before the damage: a payment and its change both or neither.

  npm run torn-writes -- [--commits 8] [--every 64]

  --commits  how many commits of payments the log holds
  --every    bytes between two offsets, inside of pages; each byte of a header is always tried
`;

const { commitCount, everyBytes } = readArguments();
// In memory where there is such a place: nothing here needs a disk, and some hundred thousand openings are slow on one.
const MEMORY = '/dev/shm';
const folder = mkdtempSync(join(existsSync(MEMORY) ? MEMORY : tmpdir(), 'tollgate-torn-'));
const DAMAGES: readonly Damage[] = ['cut', 'garbled'];
let failed = 0;
try {
  for (const subject of [await tornPayments(folder, commitCount), await tornSimulator(folder, commitCount)]) {
    for (const damage of DAMAGES) {
      const { logBytes } = subject.commits.at(-1) ?? { logBytes: 0 };
      print(subject.name, damage, () => checkTorn(subject, damage, offsetsOf(logBytes, everyBytes)));
    }
  }
  for (const damage of DAMAGES) {
    const startedAt = performance.now();
    tell('audit log', damage, await checkTornAudit(folder, damage, Math.max(everyBytes, 1)), startedAt);
  }
} finally {
  rmSync(folder, { recursive: true });
}
process.stdout.write(
  failed === 0 ? '\nEvery damage left exactly a prefix of what was committed.\n' : '\nFAILED: see above.\n',
);
process.exitCode = failed === 0 ? 0 : 1;

function print(name: string, damage: Damage, check: () => TornReport): void {
  const startedAt = performance.now();
  tell(name, damage, check(), startedAt);
}

function tell(
  name: string,
  damage: Damage,
  { logBytes, commits, checked, findings }: TornReport,
  startedAt: number,
) {
  failed += findings.length;
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
  const count = (value: number) => value.toLocaleString('en');
  const log = `${count(commits)} commits in ${count(logBytes)} bytes`;
  process.stdout.write(
    `${name}: ${log}, ${damage} at ${count(checked)} offsets: ` +
      `${findings.length === 0 ? 'ok' : `${findings.length} FINDINGS`}, ${seconds} s\n`,
  );
  for (const finding of findings) process.stdout.write(`  - ${finding}\n`);
}

function readArguments(): { commitCount: number; everyBytes: number } {
  try {
    const { values } = parseArgs({
      options: {
        commits: { type: 'string', default: '8' },
        every: { type: 'string', default: '64' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    if (values.help) {
      process.stdout.write(USAGE);
      process.exit(0);
    }
    const [commitCount, everyBytes] = [Number(values.commits), Number(values.every)];
    const areSound = [commitCount, everyBytes].every((value) => Number.isSafeInteger(value) && value > 0);
    if (areSound) return { commitCount, everyBytes };
    process.stderr.write(
      `--commits is "${values.commits}" and --every "${values.every}": give whole numbers above 0.\n\n${USAGE}`,
    );
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
  }
  process.exit(2);
}
