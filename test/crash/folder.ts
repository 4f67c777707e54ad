import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createPinoLogger } from '../../src/adapters/pino/pino-logger.ts';
import { newKey } from '../../src/app/api-keys.ts';
import { parseConfig } from '../../src/config.ts';
import { FILES, type Folder, openFolder, openSimulator } from '../../src/wiring.ts';

/** The data folder as the command line sees it, beside a server or without one. Closed when `work` has ended. */
export async function withFolder<T>(path: string, work: (folder: Folder) => Promise<T>): Promise<T> {
  const folder = openFolder(configOf(path), 'tool', createPinoLogger('silent', false));
  try {
    return await work(folder);
  } finally {
    await folder.database.close();
  }
}

function configOf(path: string) {
  return parseConfig({ DATA_DIR: path });
}

/** The PSP's own account of what it executed, from its own file. */
export async function withReport<T>(
  folder: Folder,
  work: (report: ReturnType<Awaited<ReturnType<typeof openSimulator>>['report']>) => Promise<T>,
): Promise<T> {
  const simulator = await openSimulator(configOf(folder.folder), folder, () => '');
  try {
    return await work(simulator.report());
  } finally {
    await simulator.close();
  }
}

/** A test key for each merchant, as `tollgate keys create` makes them. */
export async function makeKeys(folder: Folder, merchants: readonly string[]): Promise<Map<string, string>> {
  const made = new Map<string, string>();
  for (const merchantId of merchants) {
    const { key, stored } = newKey(folder, {
      merchantId,
      livemode: false,
      scopes: ['payments:read', 'payments:write', 'refunds:write'],
      expiresAt: null,
      nowMs: folder.clock.now(),
    });
    await folder.keys.put(stored);
    made.set(merchantId, key);
  }
  return made;
}

/** The PSP's own file, to look at. */
export function withSimulatorFile<T>(path: string, work: (file: DatabaseSync) => T): T {
  const file = new DatabaseSync(join(path, FILES.simulator), { readOnly: true });
  try {
    return work(file);
  } finally {
    file.close();
  }
}
