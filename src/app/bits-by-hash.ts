/** 32 bits for each of very many keys, which are known by their hashes alone. */
export interface BitsByHash {
  /** 0 if nothing was set. @param hash at least 8 bytes, evenly spread, such as those of SHA-256 */
  get(hash: Uint8Array): number;
  /** @param bits not 0: that is what an empty place looks like */
  set(hash: Uint8Array, bits: number): void;
  values(): IterableIterator<number>;
}

/** Each grows by itself, so that growing never needs much memory beside what there is. */
const SEGMENTS = 256;
const FIRST_PLACES = 64;
/** Above this share of places taken, looking for one gets slow. */
const MAX_FILLED = 0.75;

/** A place: 8 bytes of the hash, of which a billion keys are told apart, and the bits. */
const PLACE_WORDS = 3;
const BITS = 2;

interface Segment {
  words: Uint32Array;
  filled: number;
}

interface Key {
  segment: Segment;
  first: number;
  second: number;
}

/** About 20 bytes for each key, outside the heap: maps of JavaScript take five times as much and end at 16 million. */
export function createBitsByHash(): BitsByHash {
  const segments = Array.from(
    { length: SEGMENTS },
    (): Segment => ({ words: new Uint32Array(FIRST_PLACES * PLACE_WORDS), filled: 0 }),
  );

  function keyOf(hash: Uint8Array): Key {
    const view = new DataView(hash.buffer, hash.byteOffset, hash.byteLength);
    const first = view.getUint32(0);
    return { segment: segments[first % SEGMENTS] as Segment, first, second: view.getUint32(4) };
  }

  return {
    get(hash) {
      const key = keyOf(hash);
      return key.segment.words[placeOf(key.segment.words, key) + BITS] as number;
    },
    set(hash, bits) {
      const key = keyOf(hash);
      const { segment } = key;
      if ((segment.filled + 1) * PLACE_WORDS > segment.words.length * MAX_FILLED) grow(segment);
      if (put(segment.words, key, bits)) segment.filled += 1;
    },
    *values() {
      for (const { words } of segments) {
        for (let at = BITS; at < words.length; at += PLACE_WORDS) {
          if (words[at] !== 0) yield words[at] as number;
        }
      }
    },
  };
}

/** Where a key stands, or where it would. */
function placeOf(words: Uint32Array, { first, second }: Pick<Key, 'first' | 'second'>): number {
  let at = (second * PLACE_WORDS) % words.length;
  while (words[at + BITS] !== 0 && !(words[at] === first && words[at + 1] === second))
    at = (at + PLACE_WORDS) % words.length;
  return at;
}

/** @returns whether the place was free */
function put(words: Uint32Array, key: Pick<Key, 'first' | 'second'>, bits: number): boolean {
  const at = placeOf(words, key);
  const wasFree = words[at + BITS] === 0;
  words[at] = key.first;
  words[at + 1] = key.second;
  words[at + BITS] = bits;
  return wasFree;
}

function grow(segment: Segment): void {
  const { words } = segment;
  segment.words = new Uint32Array(words.length * 2);
  for (let at = 0; at < words.length; at += PLACE_WORDS) {
    const bits = words[at + BITS] as number;
    if (bits === 0) continue;
    put(segment.words, { first: words[at] as number, second: words[at + 1] as number }, bits);
  }
}
