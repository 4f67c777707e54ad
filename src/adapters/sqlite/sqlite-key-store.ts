import type { KeyStore, Scope, StoredKey } from '../../ports/key-store.ts';
import type { SqliteDatabase } from './database.ts';

type Row = Omit<StoredKey, 'livemode' | 'scopes'> & { livemode: number; scopes: string };

function toKey(row: Row): StoredKey {
  return { ...row, livemode: row.livemode === 1, scopes: row.scopes.split(' ').filter(Boolean) as Scope[] };
}

/**
 * Keys are read from the database each time, without a cache: a look-up costs a few microseconds, a revocation by
 * the command line counts at once, and a known id takes as long as an unknown one.
 */
export function createSqliteKeyStore(database: SqliteDatabase): KeyStore {
  const { connection } = database;
  const select = connection.prepare('SELECT * FROM keys WHERE key_id = ?');
  const insert = connection.prepare(
    `INSERT INTO keys (key_id, merchant_id, livemode, scopes, secret_hash, created_at, expires_at, revoked_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const revoke = connection.prepare('UPDATE keys SET revoked_at = coalesce(revoked_at, ?) WHERE key_id = ?');
  const selectAll = connection.prepare('SELECT * FROM keys ORDER BY merchant_id, created_at, key_id');
  const selectOf = connection.prepare('SELECT * FROM keys WHERE merchant_id = ? ORDER BY created_at, key_id');

  return {
    async get(keyId) {
      const row = select.get(keyId) as Row | undefined;
      return row ? toKey(row) : null;
    },
    async put(key) {
      const { key_id, merchant_id, livemode, scopes, secret_hash, created_at, expires_at, revoked_at } = key;
      await database.write(() =>
        insert.run(
          key_id,
          merchant_id,
          livemode ? 1 : 0,
          scopes.join(' '),
          secret_hash,
          created_at,
          expires_at,
          revoked_at,
        ),
      );
    },
    revoke(keyId, at) {
      return database.write(() => revoke.run(at, keyId).changes === 1);
    },
    async list(merchantId) {
      const rows = (merchantId === undefined
        ? selectAll.all()
        : selectOf.all(merchantId)) as unknown as Row[];
      return rows.map(toKey);
    },
  };
}
