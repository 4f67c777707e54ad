import { readFileSync } from 'node:fs';
import { createSeededIds } from '../../src/adapters/memory/seeded-ids.ts';
import { createSystemTimers } from '../../src/adapters/system/system-timers.ts';
import { sendAgain } from '../crash/calls.ts';
import { checkAcknowledged } from '../crash/check-acknowledged.ts';
import { type Answer, type Call, createClient, describeCall, type Send } from '../crash/client.ts';
import { type Ended, endWell } from '../crash/end-well.ts';
import { makeKeys, withFolder } from '../crash/folder.ts';
import { createLedger } from '../crash/ledger.ts';
import { startLoad } from '../crash/load.ts';
import { type ServerProcess, startServerProcess } from '../server-process.ts';

/** What goes wrong with a disk, and for how long. */
export interface DiskFault {
  name: string;
  /** The data folder it strikes. */
  folder: string;
  begin(server: ServerProcess): Promise<void> | void;
  /** While it lasts, over and over. */
  during?(): Promise<void>;
  end(): Promise<void> | void;
  /** What must be refused meanwhile, and what must not. */
  refuses: 'writes' | 'everything' | 'nothing';
  /** The server is killed while it lasts: a start then must say why it cannot be, and succeed afterwards. */
  kills?: boolean;
  /** Gives back what was made for it. */
  remove?(): void;
}

export interface FaultReport {
  answers: number;
  refused: number;
  recoveredMs: number;
  /** Share of one core that the server used while the fault lasted and nobody asked it anything but whether it is well. */
  idleCpu: number;
  ended: Ended | null;
  findings: string[];
}

const MERCHANTS = ['anchor-books', 'birch-coffee'];
const CONNECTIONS = 16;
const ANSWERS = 200;
const SETTINGS = { PORT: '0', RATE_LIMIT_PER_SECOND: '0', PSP_TIMEOUT_MS: '300', LOG_LEVEL: 'error' };
/** How long the fault may take to be felt, and its end. */
const FELT_LIMIT_MS = 10_000;
const RECOVERY_LIMIT_MS = 10_000;
const LOADED_MS = 1_000;
const IDLE_MS = 1_500;
const LOOK_MS = 50;
/** Exit code of a start that is worth another try. */
const FAULT = 4;
/** A server that waits for its disk has little to do: more than this share of a core is a loop without a pause. */
const HOT = 0.5;

const timers = createSystemTimers();

/** One life of a server through one fault: nothing acknowledged is lost, it says clearly what it cannot do, and heals. */
export async function runFault(fault: DiskFault): Promise<FaultReport> {
  const { folder } = fault;
  const findings: string[] = [];
  const found = (finding: string) => void findings.push(finding);
  const keys = await withFolder(folder, (parts) => makeKeys(parts, MERCHANTS));
  const start = () => startServerProcess({ ...SETTINGS, DATA_DIR: folder });
  let server = start();
  const report: FaultReport = { answers: 0, refused: 0, recoveredMs: 0, idleCpu: 0, ended: null, findings };
  let isFaulty = false;
  try {
    let url = await server.ready;
    let client = createClient(url, keys);
    const send: Send = (call) => client(call);
    const ledger = createLedger();
    const deps = { send, ledger, found, excused, connections: CONNECTIONS };
    const newLoad = (prefix: string) =>
      startLoad({ ...deps, ids: createSeededIds(1), merchants: MERCHANTS, prefix });

    const before = newLoad('before');
    await before.reached(ANSWERS);
    isFaulty = true;
    await fault.begin(server);
    const isFelt = async () => {
      await fault.during?.();
      return report.refused > 0;
    };
    if (fault.refuses !== 'nothing') await until(isFelt, FELT_LIMIT_MS, 'It was never felt');
    const looks = await look(url, LOADED_MS);
    await before.stop();
    const cpuBefore = cpuSeconds(server.pid);
    looks.push(...(await look(url, IDLE_MS)));
    report.idleCpu = (cpuSeconds(server.pid) - cpuBefore) / (IDLE_MS / 1_000);
    if (report.idleCpu > HOT) found(`It is busy with nothing: ${report.idleCpu.toFixed(2)} of a core`);
    judge(looks);
    if (fault.refuses === 'writes') await checkAcknowledged(send, ledger.takeRecent(), found);

    if (fault.kills) await dieAndFailToStart();
    const endedAt = performance.now();
    await fault.end();
    if (fault.kills) {
      server = start();
      url = await server.ready;
      client = createClient(url, keys);
    }
    await until(async () => (await ready(url)) === 200, RECOVERY_LIMIT_MS, 'It did not become ready again');
    report.recoveredMs = Math.round(performance.now() - endedAt);
    isFaulty = false;
    await sendAgain(deps);
    const after = newLoad('after');
    await after.reached(ANSWERS);
    await after.stop();
    report.answers = before.answers() + after.answers();
    await checkAcknowledged(send, ledger.takeRecent(), found);
    report.ended = await endWell({ server, folder, merchants: MERCHANTS, ledger, head: undefined, found });
  } catch (error) {
    found(
      `${error instanceof Error ? (error.stack ?? error.message) : error}\n${server.errors().slice(-2_000)}`,
    );
  } finally {
    await fault.end();
    await server.kill();
    fault.remove?.();
  }
  return report;

  async function dieAndFailToStart(): Promise<void> {
    await server.kill();
    const hopeless = start();
    const { code } = await hopeless.exited;
    if (code !== FAULT || !hopeless.errors().startsWith(`Cannot start on ${folder}`))
      found(`A start meanwhile ended with code ${code}: ${hopeless.errors()}`);
  }

  /** What a failing disk may make of a request: the clear refusal of the contract. */
  function excused(call: Call, { status, type, retryAfter, json }: Answer): boolean {
    if (!isFaulty || fault.refuses === 'nothing') return false;
    if (fault.refuses === 'writes' && call.method === 'GET') return false;
    report.refused++;
    const isClear = status === 503 && type === 'application/problem+json' && json.code === 'unavailable';
    if (!isClear || retryAfter === null)
      found(`Not a clear refusal of ${describeCall(call)}: ${status} ${type} ${JSON.stringify(json)}`);
    return true;
  }

  /** What /health and /ready say for a while. */
  async function look(url: string, ms: number): Promise<[number, number][]> {
    const looks: [number, number][] = [];
    for (const endsAt = performance.now() + ms; performance.now() < endsAt; ) {
      looks.push([(await fetch(`${url}/health`)).status, await ready(url)]);
      await fault.during?.();
      await timers.sleep(LOOK_MS);
    }
    return looks;
  }

  function judge(looks: readonly [number, number][]): void {
    if (looks.some(([health]) => health !== 200)) found('/health was not 200 although the process lives');
    const isUnready = looks.at(-1)?.[1] === 503;
    if (isUnready !== (fault.refuses !== 'nothing')) found(`/ready was ${looks.at(-1)?.[1]} in the end`);
  }
}

async function ready(url: string): Promise<number> {
  return (await fetch(`${url}/ready`)).status;
}

async function until(
  isSo: () => boolean | Promise<boolean>,
  limitMs: number,
  otherwise: string,
): Promise<void> {
  for (const endsAt = performance.now() + limitMs; performance.now() < endsAt; ) {
    if (await isSo()) return;
    await timers.sleep(LOOK_MS);
  }
  throw new Error(`${otherwise} within ${limitMs} ms`);
}

/** Clock ticks of the kernel in a second, on every Linux. */
const TICKS = 100;

function cpuSeconds(pid: number | undefined): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}
