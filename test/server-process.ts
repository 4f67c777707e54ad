import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createSystemTimers } from '../src/adapters/system/system-timers.ts';
import { SETTINGS } from '../src/config.ts';

const ROOT = join(import.meta.dirname, '..');
/** A start takes about a second; on a busy machine several. */
const START_LIMIT_MS = 20_000;
/** Open requests have ten seconds to finish when a server is told to stop. */
const STOP_LIMIT_MS = 20_000;
/** The last of what it said on standard error is kept. */
const KEPT_ERRORS = 20_000;

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** The real server in a process of its own. */
export interface ServerProcess {
  pid: number | undefined;
  /** Its address, once it serves; rejects with all it said if it ends before that, or takes too long. */
  ready: Promise<string>;
  exited: Promise<Exit>;
  /** SIGKILL: nothing in the process runs any more. */
  kill(): Promise<Exit>;
  /** SIGTERM; killed if it does not end in time. */
  stop(): Promise<Exit>;
  /** What it logged, to standard error. */
  errors(): string;
}

/** @param settings as in the environment; everything else has its default, whatever this process was given */
export function startServerProcess(settings: Record<string, string>): ServerProcess {
  const environment = { ...process.env };
  for (const name of Object.keys(SETTINGS)) delete environment[name];
  const child = spawn(process.execPath, ['src/entrypoints/server.ts'], {
    cwd: ROOT,
    env: { ...environment, ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-KEPT_ERRORS);
  });
  const end = () => child.kill('SIGKILL');
  process.on('exit', end);
  const exited = new Promise<Exit>((resolve) => {
    child.once('error', (error) => {
      errors += String(error);
      resolve({ code: null, signal: null });
    });
    child.once('close', (code, signal) => {
      process.off('exit', end);
      resolve({ code, signal });
    });
  });
  const ready = listening(child, exited, () => errors);
  // Whoever kills it while it starts does not wait for it to be ready.
  ready.catch(() => undefined);

  async function stop(): Promise<Exit> {
    const stopped = new AbortController();
    child.kill('SIGTERM');
    const late = createSystemTimers()
      .sleep(STOP_LIMIT_MS, stopped.signal)
      .then(() => !stopped.signal.aborted && end());
    const exit = await exited;
    stopped.abort();
    await late;
    return exit;
  }

  return {
    pid: child.pid,
    ready,
    exited,
    kill() {
      end();
      return exited;
    },
    stop,
    errors: () => errors,
  };
}

async function listening(child: ChildProcess, exited: Promise<Exit>, errors: () => string): Promise<string> {
  const settled = new AbortController();
  let said = '';
  const address = new Promise<string>((resolve) => {
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      const url = /payments at (http:\S+)/.exec(said)?.[1];
      if (url) resolve(url);
    });
  });
  const ended = exited.then(({ code, signal }) => {
    throw new Error(
      `The server ended with ${signal ?? `code ${code}`} before it was ready. It said:\n${errors()}`,
    );
  });
  const late = createSystemTimers()
    .sleep(START_LIMIT_MS, settled.signal)
    .then(() => {
      if (settled.signal.aborted) return '';
      throw new Error(`The server was not ready after ${START_LIMIT_MS} ms. It said:\n${said}\n${errors()}`);
    });
  ended.catch(() => undefined);
  late.catch(() => undefined);
  try {
    return await Promise.race([address, ended, late]);
  } finally {
    settled.abort();
  }
}
