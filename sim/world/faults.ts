import type { Random } from '../engine/random.ts';

/** Every kind of fault, each with a rate and a stream of chance of its own: switching one off moves no other. */
export const FAULT_KINDS = [
  'requestLost',
  'answerLost',
  'requestRepeated',
  'crash',
  'clockForward',
  'clockBackward',
  'writeFailsBefore',
  'writeFailsAfter',
  'readFails',
  'throttled',
  'staleList',
  'diskFull',
  'messageLost',
  'messageRepeated',
  'messageDelayed',
  'sendFailsInPart',
  'queueFails',
  'visibilityTooShort',
  'pspLostBefore',
  'pspLostAfter',
  'pspRefused',
  'pspLate',
  'pspRepeated',
  'pspContradicts',
  'pspDown',
  'callbackLost',
  'callbackRepeated',
  'callbackLate',
  'auditFailsBefore',
  'auditFailsAfter',
  'feedFails',
  'powerCut',
  'functionFails',
  'streamRecordLost',
] as const;

export type FaultKind = (typeof FAULT_KINDS)[number];

/** Kinds that only one of the runtimes knows. */
export const ONLY_IN: Partial<Record<FaultKind, 'memory' | 'sqlite' | 'aws'>> = {
  powerCut: 'sqlite',
  functionFails: 'aws',
  streamRecordLost: 'aws',
};

/** The probability of each kind at each occasion for it. */
export type FaultRates = Record<FaultKind, number>;

/** Rates of a brutal life; each seed draws how much of each it gets. */
const WORST: FaultRates = {
  requestLost: 0.15,
  answerLost: 0.2,
  requestRepeated: 0.15,
  crash: 0.015,
  clockForward: 0.02,
  clockBackward: 0.02,
  writeFailsBefore: 0.15,
  writeFailsAfter: 0.15,
  readFails: 0.08,
  throttled: 0.1,
  staleList: 0.3,
  diskFull: 0.3,
  messageLost: 0.3,
  messageRepeated: 0.3,
  messageDelayed: 0.3,
  sendFailsInPart: 0.1,
  queueFails: 0.1,
  visibilityTooShort: 0.3,
  pspLostBefore: 0.2,
  pspLostAfter: 0.2,
  pspRefused: 0.2,
  pspLate: 0.2,
  pspRepeated: 0.2,
  pspContradicts: 1,
  pspDown: 0.02,
  callbackLost: 0.4,
  callbackRepeated: 0.4,
  callbackLate: 0.4,
  auditFailsBefore: 0.2,
  auditFailsAfter: 0.2,
  feedFails: 0.2,
  powerCut: 0.7,
  functionFails: 0.5,
  streamRecordLost: 0.1,
};

/** A kind is off in this many of the seeds, so that it does not hide what the others would find (swarm testing). */
const OFF = 0.35;
/** Seeds without any fault: what breaks there needs none. */
const CALM = 0.05;

export function drawRates(random: Random): FaultRates {
  const calm = random.chance(CALM);
  const rates = { ...WORST };
  for (const kind of FAULT_KINDS) {
    const share = random.next();
    const off = random.chance(OFF);
    rates[kind] = calm || off ? 0 : WORST[kind] * share;
  }
  return rates;
}

export interface Faults {
  /** Whether this fault happens now. Counted if it does; never once the life is calm. */
  strikes(kind: FaultKind): boolean;
  /** The stream of a kind, for what else is to be chosen about it. */
  chance(kind: FaultKind): Random;
  /** From now on nothing fails any more. */
  end(): void;
  readonly ended: boolean;
}

export function createFaults(random: Random, rates: FaultRates, met: Record<string, number>): Faults {
  const streams = Object.fromEntries(FAULT_KINDS.map((kind) => [kind, random.fork(kind)])) as Record<
    FaultKind,
    Random
  >;
  let ended = false;
  const chance = (kind: FaultKind) => streams[kind];
  return {
    strikes(kind) {
      if (ended || rates[kind] === 0 || !streams[kind].chance(rates[kind])) return false;
      const name = `fault:${kind}`;
      met[name] = (met[name] ?? 0) + 1;
      return true;
    },
    chance,
    end() {
      ended = true;
    },
    get ended() {
      return ended;
    },
  };
}
