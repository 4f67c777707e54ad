import { UnavailableError } from '../../src/ports/faults.ts';
import type { KeyStore } from '../../src/ports/key-store.ts';
import type { Machine } from '../engine/machine.ts';
import { writeFault } from './faulty-store.ts';
import type { World } from './world.ts';

const NOT_READ = new UnavailableError('Simulated: the key could not be read.');

/** The keys as a machine meets them. */
export function createFaultyKeys(world: World, machine: Machine, keys: KeyStore): KeyStore {
  return {
    get: (keyId) =>
      machine.io(
        `key ${keyId}`,
        world.fate(
          machine,
          world.faults.strikes('readFails') ? { when: 'before', error: NOT_READ } : undefined,
        ),
        () => keys.get(keyId),
        (key) => (key ? key.merchant_id : 'none'),
      ),
    put: (key) =>
      machine.io(`put key ${key.key_id}`, world.fate(machine, writeFault(world)), () => keys.put(key)),
    revoke: (keyId, at) =>
      machine.io(`revoke ${keyId}`, world.fate(machine, writeFault(world)), () => keys.revoke(keyId, at)),
    list: (merchantId) => machine.io('list keys', world.fate(machine), () => keys.list(merchantId)),
  };
}
