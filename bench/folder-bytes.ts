import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Bytes of the files directly in a folder whose names match. */
export function folderBytes(folder: string, name: RegExp): number {
  return readdirSync(folder)
    .filter((file) => name.test(file))
    .reduce((sum, file) => sum + statSync(join(folder, file)).size, 0);
}
