import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newKey } from '../app/api-keys.ts';
import { createAuthenticate } from '../app/authenticate.ts';
import { FILES, type Folder } from '../wiring.ts';

export interface DemoKey {
  path: string;
  /** Only when it was made by this start; afterwards the file is where it is. */
  key: string | null;
  /** Whether the file holds a key that works. */
  usable: boolean;
}

/** On the first start of a folder: the merchant `demo` and a test key, written to a file that only its owner reads. */
export async function demoKey({ keys, ids, clock, folder }: Folder): Promise<DemoKey> {
  const path = join(folder, FILES.demoKey);
  if ((await keys.list()).length > 0) {
    const known = readKey(path);
    const usable = known !== null && (await createAuthenticate({ keys, clock })(known)) !== null;
    return { path, key: null, usable };
  }
  const { key, stored } = newKey(
    { ids },
    {
      merchantId: 'demo',
      livemode: false,
      scopes: ['payments:read', 'payments:write', 'refunds:write'],
      expiresAt: null,
      nowMs: clock.now(),
    },
  );
  // The file first: a crash between the two is made good by the next start, which finds no key and makes both anew.
  writeFileSync(path, `${key}\n`, { mode: 0o600 });
  await keys.put(stored);
  return { path, key, usable: true };
}

function readKey(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
