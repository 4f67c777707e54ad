import type { KeyStore, Scope, StoredKey } from '../../ports/key-store.ts';
import type { SqliteDatabase } from './database.ts';

type Row = Omit<StoredKey, 'livemode' | 'scopes'> & { livemode: number; scopes: string };

function toKey(row: Row): StoredKey {
  return { ...row, livemode: row.livemode === 1, scopes: row.scopes.split(' ').filter(Boolean) as Scope[] };
}

/**
 * One row always, known or not: reading the columns and making a key of them is half of a look-up's time, and would
 * tell whether an id is one of ours. What stands for an unknown id is as long as what most keys have.
 */
const SELECT_ONE = `
  SELECT
    keys.key_id IS NOT NULL AS known,
    coalesce(keys.key_id, '0000000000000000') AS key_id,
    coalesce(keys.merchant_id, 'merchant') AS merchant_id,
    coalesce(keys.livemode, 0) AS livemode,
    coalesce(keys.scopes, 'payments:read payments:write refunds:write') AS scopes,
    coalesce(keys.secret_hash, '${'0'.repeat(64)}') AS secret_hash,
    coalesce(keys.created_at, '2026-01-01T00:00:00.000Z') AS created_at,
    keys.expires_at,
    keys.revoked_at
  FROM (SELECT 1) LEFT JOIN keys ON keys.key_id = ?
`;

/**
 * Keys are read from the database each time, without a cache: a look-up costs a few microseconds, a revocation by
 * the command line counts at once, and a known id takes as long as an unknown one.
 */
export function createSqliteKeyStore(database: SqliteDatabase): KeyStore {
  const { connection } = database;
  const select = connection.prepare(SELECT_ONE);
  const insert = connection.prepare(
    `INSERT INTO keys (key_id, merchant_id, livemode, scopes, secret_hash, created_at, expires_at, revoked_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const revoke = connection.prepare('UPDATE keys SET revoked_at = coalesce(revoked_at, ?) WHERE key_id = ?');
  const selectAll = connection.prepare('SELECT * FROM keys ORDER BY merchant_id, created_at, key_id');
  const selectOf = connection.prepare('SELECT * FROM keys WHERE merchant_id = ? ORDER BY created_at, key_id');

  return {
    async get(keyId) {
      const { known, ...row } = database.read(() => select.get(keyId)) as unknown as Row & { known: number };
      const key = toKey(row);
      return known === 1 ? key : null;
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
      const rows = database.read(() =>
        merchantId === undefined ? selectAll.all() : selectOf.all(merchantId),
      );
      return (rows as unknown as Row[]).map(toKey);
    },
  };
}
