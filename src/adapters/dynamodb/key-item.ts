import type { StoredKey } from '../../ports/key-store.ts';
import { fromItem, type Item, type StoredItem, toItem } from './attributes.ts';
import { PAYMENTS_TABLE } from './table-schema.ts';

/** All keys stand in one partition of the index: there are few of them, and only the command line lists them. */
export const KEYS_PARTITION = 'keys';

export function keyPrimaryKey(keyId: string): string {
  return `key#${keyId}`;
}

/** What the index places of a merchant's keys begin with. */
export function merchantPrefix(merchantId: string): string {
  return `${merchantId}#`;
}

export function keyIdOf(place: string): string {
  return place.slice(place.indexOf('#') + 1);
}

/** Never an attribute `record`, which would make it a payment, nor `expires_at`, which would let TTL delete it. */
export function toKeyItem({ expires_at, revoked_at, ...key }: StoredKey): Item {
  const { partitionKey, index } = PAYMENTS_TABLE;
  return toItem({
    ...key,
    ...(expires_at === null ? {} : { key_expires_at: expires_at }),
    ...(revoked_at === null ? {} : { revoked_at }),
    [partitionKey]: keyPrimaryKey(key.key_id),
    [index.partitionKey]: KEYS_PARTITION,
    [index.sortKey]: `${merchantPrefix(key.merchant_id)}${key.key_id}`,
  });
}

type KeyRecord = Omit<StoredKey, 'expires_at' | 'revoked_at'> & {
  key_expires_at?: string;
  revoked_at?: string;
};

export function toKey(item: StoredItem): StoredKey {
  const { key_id, merchant_id, livemode, scopes, secret_hash, created_at, key_expires_at, revoked_at } =
    fromItem(item) as unknown as KeyRecord;
  return {
    key_id,
    merchant_id,
    livemode,
    scopes,
    secret_hash,
    created_at,
    expires_at: key_expires_at ?? null,
    revoked_at: revoked_at ?? null,
  };
}
