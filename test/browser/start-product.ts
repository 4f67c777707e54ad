import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

export interface Product {
  port: number;
  /** What it printed when it was ready. */
  banner: string;
  /** SIGINT to the server, as Ctrl-C sends; answers the exit code that npm passes on. */
  interrupt(): Promise<number>;
  kill(): void;
}

const READY_MS = 20_000;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** `npm start` in a folder, on a free port; resolves when it has said that it is ready. */
export async function startProduct(folder: string): Promise<Product> {
  const port = await freePort();
  // A group of its own, so that nothing of it is left behind whatever happens.
  const child = spawn('npm', ['start'], {
    cwd: folder,
    env: { ...process.env, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true,
  });
  const exited = once(child, 'exit');
  const banner = await new Promise<string>((resolve) => {
    let text = '';
    const late = setTimeout(() => resolve(text), READY_MS);
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8');
      if (!/"amount": 1000}'\n/.test(text)) return;
      clearTimeout(late);
      resolve(text);
    });
  });
  if (!banner.includes(`:${port}`)) throw new Error(`npm start did not become ready:\n${banner}`);
  const group = -(child.pid as number);
  return {
    port,
    banner,
    async interrupt() {
      const holder = readFileSync(join(folder, 'data', 'server.txt'), 'utf8');
      process.kill(Number(/process (\d+)/.exec(holder)?.[1]), 'SIGINT');
      const [code] = await exited;
      return code;
    },
    kill() {
      if (child.exitCode === null && child.signalCode === null) process.kill(group, 'SIGKILL');
    },
  };
}
