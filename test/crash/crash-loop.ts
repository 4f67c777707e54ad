import { createSeededIds } from '../../src/adapters/memory/seeded-ids.ts';
import { createSystemTimers } from '../../src/adapters/system/system-timers.ts';
import type { AuditHead } from '../../src/ports/audit-log.ts';
import { type ServerProcess, startServerProcess } from '../server-process.ts';
import { sendAgain } from './calls.ts';
import { checkAcknowledged } from './check-acknowledged.ts';
import { checkChain } from './check-chain.ts';
import { createClient } from './client.ts';
import { drain } from './drain.ts';
import { endWell } from './end-well.ts';
import { makeKeys, withFolder } from './folder.ts';
import { createLedger } from './ledger.ts';
import { startLoad } from './load.ts';
import { createOperator } from './operator.ts';

export interface CrashOptions {
  loops: number;
  /** Of the moments to kill at, and of the load. The machine's own timing stays what it is. */
  seed: number;
  /** One data folder for all loops. */
  folder: string;
  /** The most answers before a kill. Each life is killed after fewer, by chance. @default 300 */
  mostAnswers?: number;
  onLoop: (life: Life) => void;
  onDrained: (seconds: number) => void;
}

/** One life of the server, from its start to its kill. */
export interface Life {
  number: number;
  /** Starts that were killed before the server was ready. */
  killedStarts: number;
  readyMs: number;
  sentAgain: number;
  checked: number;
  auditRecords: number;
  answers: number;
  /** Whether requests were under way when it was killed, or only the work that followed from them. */
  underLoad: boolean;
  acknowledged: number;
  findings: readonly string[];
}

export interface CrashReport {
  loops: number;
  killedStarts: number;
  payments: number;
  operations: number;
  replays: number;
  sentAgain: number;
  /** Of the command line beside the server. */
  keys: number;
  imported: number;
  killedImports: number;
  statuses: Record<string, number>;
  pspLines: number;
  auditRecords: number;
  slowestReadyMs: number;
  drainSeconds: number;
  findings: readonly string[];
}

const CONNECTIONS = 32;
const MERCHANTS = ['anchor-books', 'birch-coffee', 'cedar-tools'];
const MOST_ANSWERS = 300;
/** The longest pause between that moment and the kill, so that it does not always follow on an answer. */
const MOST_PAUSE_MS = 150;
/** How long after its start a server may be killed before it is ready. */
const MOST_START_MS = 900;
const START_KILLED_SHARE = 0.15;
/** How often the load ends before the kill, which then strikes the rest of the work. */
const QUIET_SHARE = 0.25;
/** Every so many loops the server is let finish, so that what never would is found soon. */
const SETTLE_EVERY = 10;
/** A PSP that does not answer is given up soon, so that unknown outcomes and their look-ups are met by kills too. */
const SETTINGS = { PORT: '0', RATE_LIMIT_PER_SECOND: '0', PSP_TIMEOUT_MS: '1000', LOG_LEVEL: 'error' };

const timers = createSystemTimers();

/** Kills the server again and again; stops at the first life that has findings. */
export async function runCrashLoop(options: CrashOptions): Promise<CrashReport> {
  const { loops, seed, folder, mostAnswers = MOST_ANSWERS, onLoop } = options;
  const ids = createSeededIds(seed);
  const ledger = createLedger();
  const keys = await withFolder(folder, (parts) => makeKeys(parts, MERCHANTS));
  const findings: string[] = [];
  const found = (finding: string) => void findings.push(finding);
  const operator = createOperator({ folder, ids, merchants: MERCHANTS, ledger, found });
  let sentAgain = 0;
  let slowestReadyMs = 0;
  let killedStarts = 0;
  let head: AuditHead | undefined;

  /** A server that has recovered, and what became of what was acknowledged before. */
  async function revive() {
    const startedAt = performance.now();
    const server = startServerProcess({ ...SETTINGS, DATA_DIR: folder });
    try {
      const url = await server.ready;
      const readyMs = Math.round(performance.now() - startedAt);
      slowestReadyMs = Math.max(slowestReadyMs, readyMs);
      const send = createClient(url, keys);
      const recent = ledger.takeRecent();
      await checkAcknowledged(send, recent, found);
      head = await withFolder(folder, async (parts) => {
        await operator.check(parts);
        return checkChain(parts, head, found);
      });
      await operator.resume();
      const again = await sendAgain({ send, ledger, found, connections: CONNECTIONS });
      sentAgain += again;
      return { server, send, readyMs, sentAgain: again, checked: recent.length };
    } catch (error) {
      found(`The start failed: ${error instanceof Error ? error.message : String(error)}`);
      await server.kill();
      return null;
    }
  }

  async function killWhileStarting(): Promise<void> {
    const server = startServerProcess({ ...SETTINGS, DATA_DIR: folder });
    await timers.sleep(ids.random() * MOST_START_MS);
    const { signal, code } = await server.kill();
    if (signal !== 'SIGKILL') found(`A start ended by itself with code ${code}: ${server.errors()}`);
  }

  async function live(number: number): Promise<void> {
    let killed = 0;
    for (; ids.random() < START_KILLED_SHARE; killed++) await killWhileStarting();
    killedStarts += killed;
    const revived = await revive();
    if (!revived) return;
    const { server, send, ...report } = revived;
    if (number % SETTLE_EVERY === 0) await withFolder(folder, (parts) => drain(parts, found));
    const prefix = `s${seed}-${number}`;
    const load = startLoad({
      send,
      ledger,
      ids,
      merchants: MERCHANTS,
      prefix,
      connections: CONNECTIONS,
      found,
    });
    const acted = operator.act(prefix);
    // Awaited below; until then nobody looks, and a rejection must not end the process.
    acted.catch(() => undefined);
    await load.reached(1 + Math.floor(ids.random() * mostAnswers));
    const underLoad = ids.random() >= QUIET_SHARE;
    if (!underLoad) await load.stop();
    await timers.sleep(ids.random() * MOST_PAUSE_MS);
    const { signal, code } = await server.kill();
    await load.stop();
    await acted;
    if (signal !== 'SIGKILL') found(`The server ended by itself with code ${code}`);
    noteErrors(server, found);
    const { payments, operations } = ledger.counts();
    const auditRecords = head?.records ?? 0;
    const life = {
      ...report,
      number,
      killedStarts: killed,
      auditRecords,
      answers: load.answers(),
      underLoad,
    };
    onLoop({ ...life, acknowledged: payments + operations, findings });
  }

  let done = 0;
  while (done < loops && findings.length === 0) {
    await live(done + 1);
    done++;
  }
  const ended = findings.length === 0 ? await endInPeace() : null;
  const { payments, operations, replays } = ledger.counts();
  return {
    loops: done,
    killedStarts,
    payments,
    operations,
    replays,
    sentAgain,
    ...operator.counts(),
    slowestReadyMs,
    statuses: ended?.statuses ?? {},
    pspLines: ended?.pspLines ?? 0,
    auditRecords: ended?.auditRecords ?? head?.records ?? 0,
    drainSeconds: ended?.drainSeconds ?? 0,
    findings,
  };

  /** The last start: everything must finish, and then the books are compared. */
  async function endInPeace() {
    const revived = await revive();
    if (!revived) return null;
    const ended = await endWell({
      server: revived.server,
      folder,
      merchants: MERCHANTS,
      ledger,
      head,
      found,
    });
    options.onDrained(ended.drainSeconds);
    noteErrors(revived.server, found);
    return ended;
  }
}

/** A server that recovers has nothing to complain about. */
function noteErrors(server: ServerProcess, found: (finding: string) => void): void {
  const errors = server.errors().trim();
  if (errors !== '') found(`The server reported errors:\n${errors}`);
}
