import type { Clock, Timers } from '../../src/ports/clock.ts';
import type { Engine } from './engine.ts';

/** How one question to the outside goes. */
export interface Fate {
  /** Until it reaches the outside. 0: at once, so nothing comes between. */
  effectAfterMs: number;
  /** From the effect until the answer is back. 0, and an effect at once: it is back before anything else happens. */
  answerAfterMs: number;
  /** `before`: nothing happens, and `error` is told. `after`: it happens, and `error` is told all the same. */
  fails?: { when: 'before' | 'after'; error: Error } | undefined;
}

/**
 * Something that computes and may die: a process, an instance of a function, a client. What it does with the outside
 * is an io: an effect, and later an answer. Once dead it gets none of its answers any more, so whatever it was doing
 * ends at that await; what had reached the outside is done all the same.
 */
export interface Machine {
  readonly name: string;
  readonly isUp: boolean;
  /** Which of its lives it is in, from 1. */
  readonly life: number;
  /** Its own idea of the time. */
  readonly clock: Clock;
  readonly timers: Timers;
  /** How far its clock is off, in ms. */
  skewMs: number;
  /** @param tell what the trace says of the answer */
  io<T>(what: string, fate: Fate, effect: () => Promise<T>, tell?: (answer: T) => string): Promise<T>;
  /** Does something later, unless it has died by then. */
  after(afterMs: number, what: string, run: () => string | undefined): () => void;
  crash(): void;
  /** It is there again, with nothing of what it was doing. */
  restart(): void;
}

/** @param acting told whose doing an effect is, just before it happens */
export function createMachine(name: string, engine: Engine, acting?: (machine: Machine) => void): Machine {
  /** Counts its lives: what one of them began is nothing to the next. */
  let life = 1;
  let isUp = true;

  function ofThisLife(run: () => string | undefined): () => string | undefined {
    const born = life;
    return () => (isUp && life === born ? run() : 'nobody is there any more');
  }

  const machine: Machine = {
    name,
    get isUp() {
      return isUp;
    },
    get life() {
      return life;
    },
    skewMs: 0,
    clock: { now: () => engine.nowMs() + machine.skewMs },

    io<T>(what: string, fate: Fate, effect: () => Promise<T>, tell?: (answer: T) => string): Promise<T> {
      const { fails, effectAfterMs, answerAfterMs } = fate;
      const born = life;
      return new Promise<T>((resolve, reject) => {
        /** The answer is on its way back: a value, or else an error. */
        const answer = (error: Error | null, value?: T): void => {
          if (!isUp || life !== born) return;
          const settle = (): string | undefined => {
            if (error) reject(error);
            else resolve(value as T);
            return error ? error.message : tell?.(value as T);
          };
          const name = error ? `${what}!` : `${what}.`;
          if (effectAfterMs > 0 || answerAfterMs > 0) machine.after(answerAfterMs, name, settle);
          else engine.note(name, settle());
        };
        const happen = (): undefined => {
          if (fails?.when === 'before') {
            answer(fails.error);
            return;
          }
          acting?.(machine);
          effect().then((value) => answer(fails ? fails.error : null, value), answer);
        };
        if (effectAfterMs === 0) happen();
        else engine.plan(effectAfterMs, name, what, happen);
      });
    },

    after: (afterMs, what, run) => engine.plan(afterMs, name, what, ofThisLife(run)),

    timers: {
      sleep(ms, signal) {
        if (ms <= 0 || signal?.aborted) return Promise.resolve();
        return new Promise((resolve) => {
          const wake = (): undefined => {
            signal?.removeEventListener('abort', called);
            resolve();
          };
          const off = machine.after(ms, 'wakes', wake);
          const called = () => {
            off();
            wake();
          };
          signal?.addEventListener('abort', called, { once: true });
        });
      },
      after: (ms, late) =>
        machine.after(ms, 'deadline', () => {
          late();
          return undefined;
        }),
    },

    crash() {
      isUp = false;
    },
    restart() {
      life += 1;
      isUp = true;
    },
  };
  return machine;
}
