/** A set of numbers from 0 on, a bit for each. */
export interface Marks {
  add(number: number): void;
  has(number: number): boolean;
  toBase64(): string;
}

const FIRST_BYTES = 1_024;

export function createMarks(base64 = ''): Marks {
  let bytes: Uint8Array = Buffer.from(base64, 'base64');
  return {
    add(number) {
      const at = number >> 3;
      if (at >= bytes.length) {
        const larger = new Uint8Array(Math.max(FIRST_BYTES, 2 * bytes.length, at + 1));
        larger.set(bytes);
        bytes = larger;
      }
      bytes[at] = (bytes[at] as number) | (1 << (number & 7));
    },
    has: (number) => ((bytes[number >> 3] ?? 0) & (1 << (number & 7))) !== 0,
    toBase64: () => Buffer.from(bytes).toString('base64'),
  };
}
