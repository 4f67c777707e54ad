import type { Ids } from '../../ports/ids.ts';
import { createSfc32, TWO_TO_32 } from './sfc32.ts';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const ID_LENGTH = 26;

/** Ids and chance that are the same for the same seed. Not for secrets. */
export function createSeededIds(seed: number): Ids {
  const next32 = createSfc32(0, seed, Math.floor(seed / TWO_TO_32));

  return {
    next(prefix) {
      let id = `${prefix}_`;
      for (let place = 0; place < ID_LENGTH; place += 1) id += ALPHABET.charAt(next32() >>> 27);
      return id;
    },
    random: () => next32() / TWO_TO_32,
  };
}
