import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { makeKeys, withFolder } from '../crash/folder.ts';
import type { ServerProcess } from '../server-process.ts';
import { type DiskFault, type FaultReport, runFault } from './fault-run.ts';
import { makeSmallDisk, NoDiskError } from './small-disk.ts';
import { attachStrace, type Strace, StraceError } from './strace.ts';

const USAGE = `Lets the disk of the real server fail under load: it is full, or syncs, writes or reads of it fail. Meanwhile the
server must refuse clearly what it cannot do (503, Retry-After), go on with the rest, and not die; afterwards it must
heal by itself, and nothing that was acknowledged may be lost: our books, the PSP's and the audit log are compared.
Needs root (to mount a small disk) and strace (apt-get install strace); what cannot be done is skipped, and said.

  npm run disk-faults -- [--only full]
`;
/** More tell nothing new. */
const SHOWN_FINDINGS = 5;

interface Scenario {
  name: string;
  make(folder: string): DiskFault;
}

/** Not a byte is left on the disk. */
function full(name: string, given: Pick<DiskFault, 'kills'>): Scenario {
  return {
    name,
    make() {
      const disk = makeSmallDisk();
      return {
        name: `the disk (${disk.kind}) is ${name}`,
        folder: disk.folder,
        refuses: 'writes',
        begin: disk.fill,
        end: disk.free,
        remove: disk.remove,
        ...given,
      };
    },
  };
}

/** Calls of the server fail, on the files named. */
function failing(name: string, inject: string, files: readonly string[], refuses: DiskFault['refuses']) {
  return {
    name,
    make(folder: string): DiskFault {
      let strace: Strace | null = null;
      const paths = files.flatMap((file) => ['-P', join(folder, file)]);
      const [call] = inject.split(':');
      return {
        name,
        folder,
        refuses,
        async begin(server: ServerProcess) {
          const options = ['-e', `trace=${call}`, '-e', `inject=${inject}`, ...paths, '-o', '/dev/null'];
          strace = await attachStrace(server.pid, options);
        },
        async end() {
          await strace?.stop();
          strace = null;
        },
      };
    },
  };
}

const LOG = ['tollgate.db-wal'];
const FILES = ['tollgate.db-wal', 'tollgate.db'];

const SCENARIOS: readonly Scenario[] = [
  full('full', {}),
  full('full, and the server is killed', { kills: true }),
  failing('syncs fail', 'fdatasync:error=EIO', LOG, 'everything'),
  failing('syncs find no space', 'fdatasync:error=ENOSPC', LOG, 'everything'),
  failing('writes fail', 'pwrite64:error=EIO', LOG, 'writes'),
  {
    name: 'reads fail',
    make(folder) {
      // What another process has written must be read from the file.
      const during = async () => void (await withFolder(folder, (parts) => makeKeys(parts, ['other'])));
      return { ...failing('reads fail', 'pread64:error=EIO', FILES, 'everything').make(folder), during };
    },
  },
  failing('the audit log cannot be written', 'write:error=EIO', ['audit/audit-000001.ndjson'], 'nothing'),
];

const only = readArguments();
let failed = 0;
for (const scenario of SCENARIOS) {
  if (only !== null && !scenario.name.includes(only)) continue;
  failed += (await run(scenario)) ? 0 : 1;
}
process.stdout.write(
  failed === 0
    ? '\nNothing was lost, and it healed by itself.\n'
    : `\nFAILED: ${failed} of the faults did harm.\n`,
);
process.exitCode = failed === 0 ? 0 : 1;

async function run({ name, make }: Scenario): Promise<boolean> {
  const place = mkdtempSync(join(tmpdir(), 'tollgate-faults-'));
  try {
    const fault = make(join(place, 'data'));
    const startedAt = performance.now();
    const report = await runFault(fault);
    print(fault.name, report, (performance.now() - startedAt) / 1_000);
    return report.findings.length === 0;
  } catch (error) {
    if (!(error instanceof NoDiskError || error instanceof StraceError)) throw error;
    process.stdout.write(`${name}: SKIPPED. ${error.message}\n`);
    return true;
  } finally {
    rmSync(place, { recursive: true });
  }
}

function print(name: string, report: FaultReport, seconds: number): void {
  const { answers, refused, recoveredMs, idleCpu, ended, findings } = report;
  const parts = [
    `${name}: ${findings.length === 0 ? 'ok' : `${findings.length} FINDINGS`}`,
    `${answers} answers and ${refused} refusals`,
    `${idleCpu.toFixed(2)} of a core while it lasted`,
    `healed in ${recoveredMs} ms`,
    `all settled in ${ended?.drainSeconds.toFixed(1) ?? '?'} s`,
    `${seconds.toFixed(0)} s`,
  ];
  process.stdout.write(`${parts.join(' · ')}\n`);
  for (const finding of findings.slice(0, SHOWN_FINDINGS)) process.stdout.write(`  - ${finding}\n`);
}

function readArguments(): string | null {
  try {
    const { values } = parseArgs({
      options: { only: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    });
    if (values.help) {
      process.stdout.write(USAGE);
      process.exit(0);
    }
    const { only } = values;
    if (only === undefined) return null;
    if (SCENARIOS.some(({ name }) => name.includes(only))) return only;
    const names = SCENARIOS.map(({ name }) => name).join(', ');
    process.stderr.write(`There is no fault "${only}". There are: ${names}\n\n${USAGE}`);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
  }
  process.exit(2);
}
