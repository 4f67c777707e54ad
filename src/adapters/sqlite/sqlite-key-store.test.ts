import { expect, it } from 'vitest';
import { describeKeyStore } from '../../ports/key-store.contract.ts';
import { openTestDatabase } from './sqlite.fixture.ts';
import { createSqliteKeyStore } from './sqlite-key-store.ts';

describeKeyStore('the SQLite key store', async () => {
  const { database, remove } = openTestDatabase();
  return { store: createSqliteKeyStore(database), close: remove };
});

it('reads as much of an id that is nobody’s as of a known one: the time of a look-up tells nothing', async () => {
  const { database, remove } = openTestDatabase();
  const read: object[] = [];
  const store = createSqliteKeyStore({
    ...database,
    read: (run) => {
      const row = database.read(run);
      read.push(row as object);
      return row;
    },
  });
  await store.put({
    key_id: 'known00000000000',
    merchant_id: 'acme',
    livemode: false,
    scopes: ['payments:read'],
    secret_hash: 'f'.repeat(64),
    created_at: '2026-03-02T09:30:00.000Z',
    expires_at: null,
    revoked_at: null,
  });
  expect(await store.get('known00000000000')).toMatchObject({ merchant_id: 'acme' });
  expect(await store.get('unknown000000000')).toBeNull();
  const [known, unknown] = read as [Record<string, unknown>, Record<string, unknown>];
  const shapeOf = (row: Record<string, unknown>) =>
    Object.entries(row).map(([name, value]) => [name, value === null ? 'null' : typeof value]);
  expect(shapeOf(unknown)).toEqual(shapeOf(known));
  expect(String(unknown.secret_hash)).toHaveLength(64);
  await remove();
});
