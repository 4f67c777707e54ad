import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

export interface Started {
  pid: number;
  url: string;
  key: string;
  /** Resident memory now, in MB. */
  residentMb(): number;
  stop(): Promise<void>;
}

/** As `npm start` runs the product; for bare, so that the two are alike. */
const NODE_FLAGS = ['--max-semi-space-size=8', '--heap-growing-percent=40'];

/** Starts a server of this folder as a process of its own, and waits until it listens. */
export async function start(script: string, env: Record<string, string> = {}): Promise<Started> {
  const child = spawn(process.execPath, [...NODE_FLAGS, new URL(script, import.meta.url).pathname], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [, port, key = ''] = await firstLine(child, script);
  return {
    pid: child.pid as number,
    url: `http://127.0.0.1:${port}`,
    key,
    residentMb() {
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
      return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1_024;
    },
    async stop() {
      if (child.exitCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

async function firstLine(child: ChildProcess, script: string): Promise<string[]> {
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  for await (const line of lines) {
    if (line.startsWith('listening ')) return line.split(' ');
  }
  throw new Error(`${script} ended before it listened (exit code ${child.exitCode})`);
}

/** Runs a script of this folder to its end and parses the JSON of its last line. */
export async function runJson<T>(script: string, args: readonly string[]): Promise<T> {
  const child = spawn(process.execPath, [new URL(script, import.meta.url).pathname, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (chunk) => {
    text += chunk;
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${script} ${args.join(' ')} exited with ${code}`);
  return JSON.parse(text.trim().split('\n').at(-1) as string) as T;
}
