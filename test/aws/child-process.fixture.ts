import { type ChildProcess, fork, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createSystemTimers } from '../../src/adapters/system/system-timers.ts';

const ROOT = join(import.meta.dirname, '../..');
const LOOK_MS = 50;
/** A start takes a second or two; on a busy machine several times that. */
const LIMIT_MS = 30_000;

/** A program of ours in a process of its own, with the environment of the test. */
export interface Program {
  exited: Promise<number | null>;
  /** All it printed, to both of its streams. */
  said(): string;
  signal(name: NodeJS.Signals): void;
}

function follow(child: ChildProcess): Program {
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  const end = () => child.kill('SIGKILL');
  process.once('exit', end);
  return {
    exited: new Promise((resolve) =>
      child.once('close', (code) => {
        process.off('exit', end);
        resolve(code);
      }),
    ),
    said: () => said,
    signal: (name) => void child.kill(name),
  };
}

/** @param argv the file, from the root of the project, and its arguments */
export function startProgram(argv: readonly string[], settings: Record<string, string> = {}): Program {
  return follow(
    spawn(process.execPath, argv, {
      cwd: ROOT,
      env: { ...process.env, ...settings },
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  );
}

/** Looks again and again until there is something; rejects with what the program said if it takes too long. */
export async function until<T>(
  what: string,
  program: Pick<Program, 'said'>,
  look: () => Promise<T | null>,
): Promise<T> {
  const timers = createSystemTimers();
  for (let waitedMs = 0; waitedMs < LIMIT_MS; waitedMs += LOOK_MS) {
    const found = await look();
    if (found !== null) return found;
    await timers.sleep(LOOK_MS);
  }
  throw new Error(`There was no ${what} within ${LIMIT_MS} ms. The program said:\n${program.said()}`);
}

/** A bundle as the runtime runs it: loaded once, and then invoked with one event after the other. */
export interface LoadedFunction extends Program {
  /** What the handler answers; rejects with the message of what it throws. */
  invoke(event: unknown): Promise<unknown>;
}

type Told = { result: unknown } | { error: string };

/** @param file the bundle's `index.mjs` */
export function loadFunction(file: string, environment: Record<string, string>): LoadedFunction {
  const child = fork(join(import.meta.dirname, 'invoke-bundle.ts'), [file], {
    execPath: process.execPath,
    execArgv: [],
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const program = follow(child);
  return {
    ...program,
    async invoke(event) {
      const told = new Promise<Told>((resolve) =>
        child.once('message', (message) => resolve(message as Told)),
      );
      child.send({ event });
      const ended = program.exited.then(
        (code): Told => ({ error: `It ended with ${code}: ${program.said()}` }),
      );
      const answer = await Promise.race([told, ended]);
      if ('error' in answer) throw new Error(answer.error);
      return answer.result;
    },
  };
}
