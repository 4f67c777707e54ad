import { gunzipSync } from 'node:zlib';

/** By what was packed: each object is put once, and read by many. */
const known = new WeakMap<Uint8Array, Buffer>();

/** Unpacks at once, while time stands still. */
export function unpack(packed: Uint8Array): Buffer {
  const found = known.get(packed) ?? gunzipSync(packed);
  known.set(packed, found);
  return found;
}
