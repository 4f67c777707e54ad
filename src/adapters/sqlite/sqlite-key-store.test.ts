import { describeKeyStore } from '../../ports/key-store.contract.ts';
import { openTestDatabase } from './sqlite.fixture.ts';
import { createSqliteKeyStore } from './sqlite-key-store.ts';

describeKeyStore('the SQLite key store', async () => {
  const { database, remove } = openTestDatabase();
  return { store: createSqliteKeyStore(database), close: remove };
});
