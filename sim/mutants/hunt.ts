import { fork } from 'node:child_process';
import { join } from 'node:path';
import type { Hunted } from './hunt-worker.ts';
import type { Mutant } from './mutant.ts';

/** Hunts for each mutant in a process of its own, `jobs` at a time; tells each as it ends, and all in order. */
export async function hunt(
  mutants: readonly Mutant[],
  limit: number,
  jobs: number,
  onHunted: (hunted: Hunted) => void,
): Promise<Hunted[]> {
  const results: Hunted[] = [];
  let next = 0;

  async function work(): Promise<void> {
    for (let place = next++; place < mutants.length; place = next++) {
      const hunted = await huntOne(mutants[place] as Mutant, limit);
      results[place] = hunted;
      onHunted(hunted);
    }
  }

  await Promise.all(Array.from({ length: jobs }, work));
  return results;
}

function huntOne({ name }: Mutant, limit: number): Promise<Hunted> {
  return new Promise((resolve, reject) => {
    const worker = fork(join(import.meta.dirname, 'hunt-worker.ts'), [name, String(limit)]);
    let hunted: Hunted | undefined;
    worker.on('message', (message) => {
      hunted = message as Hunted;
      worker.disconnect();
    });
    worker.on('error', reject);
    worker.on('exit', (code, signal) => {
      if (hunted) resolve(hunted);
      else reject(new Error(`The process of mutant "${name}" ended (${signal ?? code}) and told nothing.`));
    });
  });
}
