import type { Machine } from '../engine/machine.ts';
import type { Random } from '../engine/random.ts';
import { expectFault } from './part.ts';
import type { World } from './world.ts';

/** The instances of one function: each answers one invocation at a time, and may die during it. */
export interface Pool<Handler> {
  /** Whether one of them could begin now. */
  readonly hasRoom: boolean;
  /** `failed`: it threw, died, ran out of time, or its answer was lost. What it did is done. */
  invoke<T>(call: (handler: Handler) => Promise<T>): Promise<T | 'failed'>;
  boot(): void;
}

interface Seat<Handler> {
  machine: Machine;
  handler: Handler | null;
  /** Ends the invocation that it is busy with. */
  give: (() => void) | null;
}

/** While all are busy or down, it is tried again after this. */
const ROOM_WITHIN_MS = 500;

export interface PoolOptions<Handler> {
  name: string;
  size: number;
  timeoutMs: number;
  random: Random;
  /** A cold start. */
  start: (machine: Machine) => Handler;
}

export function createPool<Handler>(world: World, options: PoolOptions<Handler>): Pool<Handler> {
  const { name, size, timeoutMs, random, start } = options;
  const { engine, faults } = world;
  const seats = Array.from({ length: size }, (_, number) => {
    const seat: Seat<Handler> = {
      handler: null,
      give: null,
      machine: world.machine(`${name}-${number}`, () => {
        seat.give?.();
        seat.handler = start(seat.machine);
      }),
    };
    return seat;
  });

  const free = () => seats.filter(({ machine, handler, give }) => machine.isUp && handler && !give);

  /** Taken at once, so that nobody else is given it. */
  async function takeSeat(): Promise<Seat<Handler>> {
    for (;;) {
      const found = free();
      if (found.length > 0) {
        const seat = random.pick(found);
        seat.give = () => undefined;
        return seat;
      }
      await new Promise<void>((resolve) => {
        engine.plan(1 + random.int(ROOM_WITHIN_MS), name, 'looks for room', () => {
          resolve();
          return undefined;
        });
      });
    }
  }

  /** Whoever runs out of time is stopped, and the next invocation starts anew. */
  function stop({ machine }: Seat<Handler>): void {
    if (!machine.isUp) return;
    machine.crash();
    machine.restart();
    world.boot(machine);
  }

  return {
    get hasRoom() {
      return free().length > 0;
    },

    async invoke<T>(call: (handler: Handler) => Promise<T>): Promise<T | 'failed'> {
      const seat = await takeSeat();
      if (faults.strikes('functionFails') && faults.chance('functionFails').chance(0.5)) {
        seat.give = null;
        return 'failed';
      }
      const outcome = await new Promise<T | 'failed'>((resolve) => {
        const settle = (answer: T | 'failed') => {
          if (seat.give !== give) return;
          seat.give = null;
          outOfTime();
          resolve(answer);
        };
        const give = () => settle('failed');
        const outOfTime = engine.plan(timeoutMs, seat.machine.name, 'runs out of time', () => {
          settle('failed');
          stop(seat);
          return undefined;
        });
        seat.give = give;
        call(seat.handler as Handler).then(settle, (error) => {
          expectFaults(world, error);
          settle('failed');
        });
      });
      return faults.strikes('functionFails') ? 'failed' : outcome;
    },

    boot() {
      for (const { machine } of seats) world.boot(machine);
    },
  };
}

/** A function that has several parts tells of all that failed at once. */
function expectFaults(world: World, error: unknown): void {
  for (const one of error instanceof AggregateError ? error.errors : [error]) expectFault(world, one);
}
