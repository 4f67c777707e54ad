import type { Ids } from '../../ports/ids.ts';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const ID_LENGTH = 26;
const TWO_TO_32 = 4_294_967_296;
/** Lets a seed of few bits spread over the whole state, as the generator's author does. */
const WARM_UP_ROUNDS = 12;

/** Ids and chance that are the same for the same seed (sfc32, by Chris Doty-Humphrey). Not for secrets. */
export function createSeededIds(seed: number): Ids {
  let a = 0;
  let b = seed | 0;
  let c = Math.floor(seed / TWO_TO_32) | 0;
  let counter = 1;

  function next32(): number {
    const result = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + result) | 0;
    return result >>> 0;
  }

  for (let round = 0; round < WARM_UP_ROUNDS; round += 1) next32();

  return {
    next(prefix) {
      let id = `${prefix}_`;
      for (let place = 0; place < ID_LENGTH; place += 1) id += ALPHABET.charAt(next32() >>> 27);
      return id;
    },
    random: () => next32() / TWO_TO_32,
  };
}
