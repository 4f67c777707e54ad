import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

/** The real server in a process of its own, of which every byte that it prints is kept. */
export interface CapturedServer {
  url: string;
  /** SIGTERM, and the end of the process: nothing more is printed then. */
  stop(): Promise<void>;
  printed(): Buffer;
}

/** Everything that the server takes from the environment has its default, whatever this process was given. */
export async function startCapturedServer(
  folder: string,
  settings: Record<string, string> = {},
): Promise<CapturedServer> {
  const { PATH } = process.env;
  const env = {
    PATH,
    DATA_DIR: folder,
    PORT: '0',
    LOG_LEVEL: 'debug',
    RATE_LIMIT_PER_SECOND: '0',
    ...settings,
  };
  const child = spawn(process.execPath, ['src/entrypoints/server.ts'], { cwd: ROOT, env });
  const end = () => child.kill('SIGKILL');
  process.on('exit', end);
  const chunks: Buffer[] = [];
  const closed = once(child, 'close').then(() => process.off('exit', end));
  const url = await new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        const found = /payments at (http:\S+)/.exec(Buffer.concat(chunks).toString('utf8'))?.[1];
        if (found) resolve(found);
      });
    }
    closed.then(() => reject(new Error(`The server ended. It said:\n${Buffer.concat(chunks)}`)), reject);
  });
  return {
    url,
    async stop() {
      child.kill('SIGTERM');
      await closed;
    },
    printed: () => Buffer.concat(chunks),
  };
}
