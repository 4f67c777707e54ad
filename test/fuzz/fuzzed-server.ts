import { spawn } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SETTINGS } from '../../src/config.ts';

const ROOT = join(import.meta.dirname, '..', '..');
/** What Linux counts processor time in, on every machine there is. */
const TICKS_PER_SECOND = 100;
const START_LIMIT_MS = 20_000;
const STOP_LIMIT_MS = 20_000;

/** The real server in a process of its own, all of whose log is kept. */
export interface FuzzedServer {
  url: string;
  /** Resident memory, open files and time of processors that it took until now; null where the system does not tell. */
  usage(): { memoryMb: number; files: number; processorSeconds: number } | null;
  /** Asked to stop; what it ended with: 0 if all is well. Killed if it does not end. */
  stop(): Promise<number | null>;
  hasEnded(): boolean;
}

/** @param logFile where its standard error goes: everything that it logs */
export async function startFuzzedServer(
  settings: Record<string, string>,
  logFile: string,
): Promise<FuzzedServer> {
  const environment = { ...process.env };
  for (const name of Object.keys(SETTINGS)) delete environment[name];
  const log = openSync(logFile, 'a');
  const child = spawn(process.execPath, ['src/entrypoints/server.ts'], {
    cwd: ROOT,
    env: { ...environment, ...settings },
    stdio: ['ignore', 'pipe', log],
  });
  closeSync(log);
  const end = () => child.kill('SIGKILL');
  process.on('exit', end);
  let ended = false;
  const exited = new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(null));
    child.once('exit', (code) => {
      ended = true;
      process.off('exit', end);
      resolve(code);
    });
  });

  const url = await new Promise<string>((resolve, reject) => {
    let said = '';
    const late = setTimeout(() => {
      end();
      reject(new Error(`The server was not ready after ${START_LIMIT_MS} ms. Its log: ${logFile}`));
    }, START_LIMIT_MS);
    const settle = () => clearTimeout(late);
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      const found = /payments at (http:\S+)/.exec(said)?.[1];
      if (!found) return;
      settle();
      resolve(found);
    });
    exited.then((code) => {
      settle();
      reject(
        new Error(`The server ended with ${code} before it was ready:\n${readFileSync(logFile, 'utf8')}`),
      );
    }, reject);
  });

  return {
    url,
    hasEnded: () => ended,
    usage() {
      const folder = `/proc/${child.pid}`;
      try {
        const status = readFileSync(join(folder, 'status'), 'utf8');
        const memoryMb = Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1_024;
        const stat = readFileSync(join(folder, 'stat'), 'utf8');
        const [userTicks, systemTicks] = stat
          .slice(stat.lastIndexOf(')') + 2)
          .split(' ')
          .slice(11, 13);
        const processorSeconds = (Number(userTicks) + Number(systemTicks)) / TICKS_PER_SECOND;
        return { memoryMb, files: readdirSync(join(folder, 'fd')).length, processorSeconds };
      } catch {
        // No such folder: another system, or a process that has ended, which is found out elsewhere.
        return null;
      }
    },
    async stop() {
      const late = setTimeout(end, STOP_LIMIT_MS);
      child.kill('SIGTERM');
      const code = await exited;
      clearTimeout(late);
      return code;
    },
  };
}
