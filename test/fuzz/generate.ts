import type { Contract } from './contract.ts';
import { createDice } from './dice.ts';
import type { Exchange } from './exchange.ts';
import { bodyKinds } from './kinds/bodies.ts';
import { callbackKinds } from './kinds/callbacks.ts';
import { cardKinds } from './kinds/cards.ts';
import { headerKinds } from './kinds/headers.ts';
import type { Kind } from './kinds/kind.ts';
import { malformedKinds } from './kinds/malformed.ts';
import { partialKinds } from './kinds/partial.ts';
import { paymentKinds } from './kinds/payments.ts';
import { pipelineKind } from './kinds/pipelines.ts';
import { readingKinds } from './kinds/reading.ts';
import { longKinds, refusalKinds } from './kinds/refusals.ts';
import { targetKinds } from './kinds/targets.ts';
import { createPlan, type Keys } from './plan.ts';

/** What can be sent beside anything else: it builds on nothing that is sent with it, and asks nothing further. */
const ALONE = [
  ...bodyKinds,
  ...headerKinds,
  ...targetKinds,
  ...cardKinds,
  ...refusalKinds,
  ...readingKinds.filter(({ name }) => ['read', 'list', 'stranger'].includes(name)),
];

const KINDS: readonly Kind[] = [
  ...paymentKinds,
  ...readingKinds,
  ...bodyKinds,
  ...headerKinds,
  ...targetKinds,
  ...cardKinds,
  ...callbackKinds,
  ...refusalKinds,
  ...longKinds,
  pipelineKind(ALONE),
  ...malformedKinds,
  ...partialKinds,
];

/** Weights have one place after the point. */
const PLACES = KINDS.flatMap((kind) => Array.from({ length: Math.round(kind.weight * 10) }, () => kind));

export interface Generator {
  exchange(number: number): Exchange;
  /** Without the cost of making it. */
  kindOf(number: number): string;
  /** The number and all that it needs, each after what it needs itself. */
  withNeeds(number: number): readonly number[];
}

export function kindNames(): readonly string[] {
  return KINDS.map(({ name }) => name);
}

function kindAt(seed: number, number: number): Kind {
  return createDice(seed, number).oneOf(PLACES);
}

/** Everything that is sent, from a seed and a number alone. */
export function createGenerator(seed: number, contract: Contract, keys: Keys): Generator {
  const plan = createPlan(seed, contract, keys, (number) => kindAt(seed, number).name);

  function exchange(number: number): Exchange {
    const dice = createDice(seed, number);
    const kind = dice.oneOf(PLACES);
    return { kind: kind.name, ...kind.make({ number, dice, plan, suffix: '' }) };
  }

  function withNeeds(number: number): readonly number[] {
    const all = new Set<number>();
    const add = (one: number): void => {
      for (const needed of exchange(one).needs) add(needed);
      all.add(one);
    };
    add(number);
    return [...all];
  }

  return { exchange, kindOf: (number) => kindAt(seed, number).name, withNeeds };
}
