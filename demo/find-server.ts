import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findServer } from '../src/adapters/sqlite/server-lock.ts';
import { FILES } from '../src/wiring.ts';
import { startServerProcess } from '../test/server-process.ts';

export interface FoundServer {
  url: string;
  folder: string;
  /** What it takes to leave things as they were. */
  leave(): Promise<void>;
}

/** There is no server to talk to; the message says what to do. */
export class NoServerError extends Error {
  override readonly name = 'NoServerError';
}

/**
 * The server that is to be used.
 * @throws NoServerError if none answers there, or it serves another folder
 */
export async function useServer(url: string, folder: string): Promise<FoundServer> {
  const health = await fetch(`${url}/health`).catch(() => null);
  await health?.arrayBuffer();
  if (!health?.ok) {
    throw new NoServerError(
      `No server answers at ${url}. Start one in another terminal with "npm start", or let the demo start one for ` +
        'itself: "npm run demo -- --start". (--url and --data-dir name another server and its folder.)',
    );
  }
  if (!existsSync(join(folder, FILES.database)) || findServer(folder) === null) {
    throw new NoServerError(
      `A server answers at ${url}, but not for the folder ${folder}, in which the demo would make its keys. ` +
        'Give the folder of that server: --data-dir.',
    );
  }
  return { url, folder, leave: async () => {} };
}

/** A server for the demo alone, in a folder that is removed with it. */
export async function startServer(): Promise<FoundServer> {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-demo-'));
  const server = startServerProcess({ DATA_DIR: folder, PORT: '0', LOG_LEVEL: 'warn' });
  const url = await server.ready;
  return {
    url,
    folder,
    async leave() {
      await server.stop();
      rmSync(folder, { recursive: true });
    },
  };
}
