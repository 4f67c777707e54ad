import { createSeededIds } from '../../../src/adapters/memory/seeded-ids.ts';
import { countOf, LIVES, type LifeName, type Mix } from '../../mix/mix.ts';

/** A payment that is to be made, and all that its client will ask for. */
export interface Life {
  readonly name: LifeName;
  readonly paymentId: string;
  /** Minor units; of the same number of digits in all. */
  readonly amount: number;
  readonly description: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly refundId: string | null;
  readonly replayed: boolean;
  readonly reads: number;
}

const LEAST_AMOUNT = 100_000;

/**
 * A round of the mix, shuffled. The same seed gives the same payments in the same order; different seeds give no id
 * twice.
 */
export function planLives(mix: Mix, seed: number): Life[] {
  const ids = createSeededIds(seed);
  const names = LIVES.flatMap((name) => Array.from({ length: countOf(mix, mix.lives[name]) }, () => name));
  const refunded = countOf(mix, mix.refundedShare);
  const replayed = countOf(mix, mix.replayedShare);
  const reads = countOf(mix, mix.readsPerPayment);
  const { paymentIdCharacters, descriptionCharacters, metadata } = mix.sizes;
  const text = (length: number) => textOf(ids.next, length);
  const lives = names.map(
    (name, number): Omit<Life, 'reads'> => ({
      name,
      paymentId: ids.next('o').slice(0, paymentIdCharacters),
      amount: LEAST_AMOUNT + number,
      description: text(descriptionCharacters),
      metadata: Object.fromEntries(Object.entries(metadata).map(([key, length]) => [key, text(length)])),
      // `completed` comes first: none but those are refunded.
      refundId: number < refunded ? ids.next('r').slice(0, paymentIdCharacters) : null,
      replayed: number >= refunded && number < refunded + replayed,
    }),
  );
  const before = (place: number) => Math.floor((place * reads) / names.length);
  return shuffled(lives, ids.random).map((life, place) => ({
    ...life,
    reads: before(place + 1) - before(place),
  }));
}

/** Letters and digits of chance, of any length, which look like no card number. */
function textOf(next: (prefix: string) => string, length: number): string {
  let text = '';
  while (text.length < length) text += next('t');
  return text.slice(0, length);
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map((item) => ({ item, place: random() }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ item }) => item);
}
