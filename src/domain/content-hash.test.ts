import { expect, it } from 'vitest';
import { contentHash } from './content-hash.ts';

// FIPS 180-2, appendix B.1, and the hash of nothing.
it.each([
  ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
  ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
])('the hash of a body is its SHA-256 in lower-case hexadecimal: %j', (text, expected) => {
  expect(contentHash(Buffer.from(text))).toBe(expected);
});
