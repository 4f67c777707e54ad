import type { Simulator } from '../connectors/simulator/simulator.ts';
import { CommandError } from './exit.ts';
import type { Parts } from './open-parts.ts';

/** The connector, beside the server's own. */
export async function withSimulator<T>(
  parts: Pick<Parts, 'openSimulator'>,
  work: (simulator: Simulator) => Promise<T>,
): Promise<T> {
  const simulator = await parts.openSimulator();
  if (!simulator)
    throw new CommandError('no', 'This deployment has no connector to ask. Check its settings.');
  try {
    return await work(simulator);
  } finally {
    await simulator.close();
  }
}
