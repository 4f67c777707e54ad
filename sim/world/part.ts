import { PspError, UnavailableError } from '../../src/ports/faults.ts';
import type { Machine } from '../engine/machine.ts';
import type { World } from './world.ts';

/** One step of the core that a machine drives again and again. */
export interface Part {
  /** There may be something to do in `afterMs`. The earliest wish counts; a step that runs is followed by another. */
  wake(afterMs: number): void;
  /** There is something to do now. */
  run(): void;
}

/** Pauses after a step that failed, in ms: doubled each time, so that a long fault does not fill a life. */
const ERROR_PAUSE_MS = 500;
const MAX_ERROR_PAUSE_MS = 300_000;

/** @param step whether there is more to do at once */
export function createPart(world: World, machine: Machine, name: string, step: () => Promise<boolean>): Part {
  let planned: { atMs: number; off: () => void } | null = null;
  let isRunning = false;
  let isWoken = false;
  let pauseMs = ERROR_PAUSE_MS;

  function begin(): undefined {
    planned = null;
    isRunning = true;
    isWoken = false;
    step().then(
      (more) => {
        isRunning = false;
        pauseMs = ERROR_PAUSE_MS;
        if (more || isWoken) wake(0);
      },
      (error) => {
        isRunning = false;
        expectFault(world, error);
        wake(pauseMs);
        pauseMs = Math.min(MAX_ERROR_PAUSE_MS, 2 * pauseMs);
      },
    );
  }

  function wake(afterMs: number): void {
    if (isRunning) {
      isWoken = true;
      return;
    }
    const atMs = world.engine.nowMs() + afterMs;
    if (planned !== null) {
      if (planned.atMs <= atMs) return;
      planned.off();
    }
    planned = { atMs, off: machine.after(afterMs, name, begin) };
  }

  return {
    wake,
    run() {
      if (isRunning) {
        isWoken = true;
        return;
      }
      planned?.off();
      begin();
    },
  };
}

/** A fault of the outside is what simulations are for; anything else that is thrown is a fault of ours. */
export function expectFault(world: World, error: unknown): void {
  if (!(error instanceof UnavailableError) && !(error instanceof PspError)) world.fail(error);
}
