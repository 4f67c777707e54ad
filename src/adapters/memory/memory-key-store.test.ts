import { describeKeyStore } from '../../ports/key-store.contract.ts';
import { createMemoryKeyStore } from './memory-key-store.ts';

describeKeyStore('the memory key store', async () => ({
  store: createMemoryKeyStore(),
  close: async () => undefined,
}));
