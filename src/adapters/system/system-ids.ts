import { randomFillSync } from 'node:crypto';
import type { Ids } from '../../ports/ids.ts';

/** Crockford's base32 in lower case: no i, l, o or u, which are misread. 26 of them hold 130 bits. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const ID_LENGTH = 26;
const RANDOM_BYTES = 6;
/** Asking the system for each id costs more than the id; 4 KB serves 157 of them. */
const POOL_BYTES = 4_096;

/** Identifiers and chance from the system's cryptographic generator. No byte is used twice. */
export function createSystemIds(): Ids {
  const pool = Buffer.alloc(POOL_BYTES);
  let used = POOL_BYTES;

  /** Where the next `count` unused bytes of the pool begin. */
  function draw(count: number): number {
    if (used + count > POOL_BYTES) {
      randomFillSync(pool);
      used = 0;
    }
    const start = used;
    used += count;
    return start;
  }

  return {
    next(prefix) {
      const start = draw(ID_LENGTH);
      let id = `${prefix}_`;
      for (let place = start; place < start + ID_LENGTH; place += 1) {
        id += ALPHABET.charAt(pool.readUInt8(place) & 31);
        // An id may be a secret: it does not stay behind in memory.
        pool[place] = 0;
      }
      return id;
    },
    random: () => pool.readUIntBE(draw(RANDOM_BYTES), RANDOM_BYTES) / 2 ** (8 * RANDOM_BYTES),
  };
}
