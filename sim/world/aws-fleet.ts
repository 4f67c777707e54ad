import { startWorkLoop } from '../../src/fleet/work-loop.ts';
import type { Machine } from '../engine/machine.ts';
import { type AwsDeps, fleetWorker } from './aws-functions.ts';

/** Operations that the process asks of PSPs at once. */
const CONCURRENCY = 8;

/** One machine of the fleet, whose long poll ends only when there is something: empty ones change nothing. */
export interface Fleet {
  machine: Machine;
  /** Whether it waits for a message. */
  readonly isWaiting: boolean;
  /** Ends its wait: it asks the queue. */
  ring(): void;
}

export function createFleet(deps: AwsDeps): Fleet {
  const { world } = deps;
  let bell: (() => void) | null = null;
  const machine: Machine = world.machine('fleet-0', () => {
    bell = null;
    const worker = fleetWorker(deps, machine);
    startWorkLoop({
      worker: {
        ...worker,
        async receive(limit) {
          await new Promise<void>((resolve) => {
            bell = resolve;
          });
          return worker.receive(limit);
        },
      },
      timers: machine.timers,
      logger: world.logger(machine),
      concurrency: CONCURRENCY,
    });
  });
  return {
    machine,
    get isWaiting() {
      return machine.isUp && bell !== null;
    },
    ring() {
      bell?.();
      bell = null;
    },
  };
}
