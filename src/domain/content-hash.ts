import { hash } from 'node:crypto';

/** SHA-256 of a body in lower-case hexadecimal, as AWS signs it. */
export function contentHash(bytes: Uint8Array): string {
  return hash('sha256', bytes);
}
