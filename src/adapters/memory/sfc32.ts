/** Lets seeds of few bits spread over the whole state, as the generator's author does. */
const WARM_UP_ROUNDS = 12;

/** What a number of 32 bits is divided by to lie in [0, 1). */
export const TWO_TO_32 = 4_294_967_296;

/** sfc32, by Chris Doty-Humphrey: 128 bits of state, some nanoseconds a number. Answers whole numbers of 32 bits. */
export function createSfc32(first: number, second: number, third: number): () => number {
  let a = first | 0;
  let b = second | 0;
  let c = third | 0;
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
  return next32;
}
