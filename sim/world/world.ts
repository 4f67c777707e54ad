import type { Logger } from '../../src/ports/logger.ts';
import type { Engine } from '../engine/engine.ts';
import { createMachine, type Fate, type Machine } from '../engine/machine.ts';
import type { Random } from '../engine/random.ts';
import type { Observation, Observer } from '../observe/observation.ts';
import { createFaults, type FaultKind, type FaultRates, type Faults } from './faults.ts';

/** What everything in a life shares: time, chance, faults, and somebody who watches. */
export interface World {
  readonly engine: Engine;
  readonly random: Random;
  readonly faults: Faults;
  /** How often something was met that should be met in some life. */
  count(what: string): void;
  see(observation: Observation): void;
  /** Something happened that must not, whatever the invariants say of it. */
  fail(error: unknown): void;
  /** Every write fails before its effect. */
  diskIsFull: boolean;
  /** `refuses`: nothing gets through to the PSP, and that is certain. `silent`: nobody knows what does. */
  psp: 'up' | 'refuses' | 'silent';
  /** When the PSP can be reached again, in true time: the storm goes on until then. */
  pspBackMs: number;
  /** The machine that is doing something to the outside just now: its clock may count there too. */
  acting: Machine | null;
  /** @param boot what it does when it starts, and again after each crash; without one it never crashes */
  machine(name: string, boot?: () => void): Machine;
  /** Faults are over: who is down comes up, and every clock is set right. */
  calm(): void;
  /** Starts a machine for the first time. */
  boot(machine: Machine): void;
  /** Those that can crash. */
  machines(): readonly Machine[];
  logger(machine: Machine): Logger;
  /** How a question to something near goes: a store, a queue. */
  fate(machine: Machine, fails?: Fate['fails']): Fate;
  /** How long something is on a network; mostly some ms, often none at all. */
  wayMs(upToMs: number): number;
  /** Ids of the same form as ever, from the life's own chance. */
  ids(name: string): { next(prefix: string): string; random(): number };
}

export interface WorldDeps {
  engine: Engine;
  random: Random;
  rates: FaultRates;
  met: Record<string, number>;
  observer: Observer;
}

/** Of the questions to the outside, so many reach it at once, and nothing comes between. */
const AT_ONCE = 0.75;
/** Of those, so many are answered at once too. */
const ANSWERED_AT_ONCE = 0.55;
/** And of what is on a network. */
const NO_WAY = 0.4;
/** Most latencies, in ms; and now and then a long one. */
const NEAR_MS = 4;
const SLOW_MS = 400;
const SLOW = 0.02;
/** How long a machine may be gone: mostly moments, sometimes long enough for others to take over. */
const DOWN_MS = [100, 1_000, 1_000, 30_000, 900_000];
/** Until a machine that is going to die does. */
const CRASH_WITHIN_MS = 6;

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const ID_LENGTH = 26;

export function createWorld({ engine, random, rates, met, observer }: WorldDeps): World {
  const latency = random.fork('latency');
  const faults = createFaults(random.fork('faults'), rates, met);
  const downtime = random.fork('downtime');
  const boots = new Map<Machine, () => void>();
  const acts = (machine: Machine) => {
    world.acting = machine;
  };

  const world: World = {
    engine,
    random,
    faults,
    acting: null,
    diskIsFull: false,
    psp: 'up',
    pspBackMs: 0,

    count(what) {
      met[what] = (met[what] ?? 0) + 1;
    },

    see(observation) {
      try {
        observer.see(observation);
      } catch (error) {
        world.fail(error);
      }
    },

    fail(error) {
      engine.stop(error instanceof Error ? error : new Error(String(error)));
    },

    machines: () => [...boots.keys()],

    machine(name, boot) {
      const machine = createMachine(name, engine, acts);
      if (boot) boots.set(machine, boot);
      return machine;
    },

    boot: (machine) => (boots.get(machine) as () => void)(),

    calm() {
      faults.end();
      world.diskIsFull = false;
      world.psp = 'up';
      for (const machine of boots.keys()) {
        machine.skewMs = 0;
        if (!machine.isUp) restart(machine);
      }
      world.see({ kind: 'calm' });
    },

    logger({ name }) {
      const log = (level: string) => (fields: object, message: string) =>
        world.see({ kind: 'logged', line: `${name} ${level} ${message} ${JSON.stringify(fields)}` });
      return { debug: () => undefined, info: log('info'), warn: log('warn'), error: log('error') };
    },

    fate(machine, fails) {
      const effectAfterMs = latency.chance(AT_ONCE) ? 0 : 1 + latency.int(NEAR_MS);
      const isInstant = effectAfterMs === 0 && latency.chance(ANSWERED_AT_ONCE);
      const upToMs = latency.chance(SLOW) ? SLOW_MS : NEAR_MS;
      const answerAfterMs = isInstant ? 0 : 1 + latency.int(upToMs);
      if (boots.has(machine) && faults.strikes('crash')) planCrash(machine, latency.int(CRASH_WITHIN_MS));
      return { effectAfterMs, answerAfterMs, fails };
    },

    wayMs: (upToMs) => (latency.chance(NO_WAY) ? 0 : 1 + latency.int(upToMs)),

    ids(name) {
      const own = random.fork(`ids of ${name}`);
      return {
        next(prefix) {
          let id = `${prefix}_`;
          for (let place = 0; place < ID_LENGTH; place += 1) id += ALPHABET.charAt(own.int(32));
          return id;
        },
        random: own.next,
      };
    },
  };

  function planCrash(machine: Machine, afterMs: number): void {
    machine.after(afterMs, 'crashes', () => {
      machine.crash();
      const downMs = downtime.int(downtime.pick(DOWN_MS));
      engine.plan(downMs, machine.name, 'starts', () => {
        if (!machine.isUp) restart(machine);
        return undefined;
      });
      return `for ${downMs} ms`;
    });
  }

  function restart(machine: Machine): void {
    machine.restart();
    world.boot(machine);
  }

  return world;
}

/** The fault that strikes of these kinds, if one does. */
export function struck(faults: Faults, kinds: readonly FaultKind[]): FaultKind | null {
  for (const kind of kinds) if (faults.strikes(kind)) return kind;
  return null;
}
