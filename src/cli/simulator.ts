import type { Simulator } from '../connectors/simulator/simulator.ts';
import { openSimulator } from '../wiring.ts';
import type { Opened } from './open-folder.ts';

/** The connector of this folder, beside the server's own. */
export async function withSimulator<T>(
  folder: Opened,
  work: (simulator: Simulator) => Promise<T>,
): Promise<T> {
  const simulator = await openSimulator(folder.config, folder, () => folder.config.PUBLIC_URL);
  try {
    return await work(simulator);
  } finally {
    await simulator.close();
  }
}
