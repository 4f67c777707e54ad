import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Mutant, mutate } from './mutant.ts';

export const ROOT = join(import.meta.dirname, '..', '..');

/**
 * From now on this process loads the mutant's file with the fault in it; the file itself stays as it is. Nothing that
 * imports it may have been loaded before.
 * @returns whether the file has been loaded
 */
export function plant(mutant: Mutant): () => boolean {
  const target = pathToFileURL(join(ROOT, mutant.file)).href;
  let isPlanted = false;
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      if (url !== target) return loaded;
      isPlanted = true;
      const { source } = loaded;
      const text = typeof source === 'string' ? source : Buffer.from(source as Uint8Array).toString('utf8');
      return { ...loaded, source: mutate(text, mutant) };
    },
  });
  return () => isPlanted;
}
