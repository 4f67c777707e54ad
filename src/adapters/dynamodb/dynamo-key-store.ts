import { type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import type { Timers } from '../../ports/clock.ts';
import { UnavailableError } from '../../ports/faults.ts';
import type { KeyStore, StoredKey } from '../../ports/key-store.ts';
import { createBatchGet } from './batch-get.ts';
import { conditionalPut, IS_FREE } from './conditional-put.ts';
import { asked } from './dynamo-fault.ts';
import { createIndexReader } from './index-pages.ts';
import { KEYS_PARTITION, keyIdOf, keyPrimaryKey, merchantPrefix, toKey, toKeyItem } from './key-item.ts';
import { PAYMENTS_TABLE } from './table-schema.ts';

const PAGE = 1_000;
/** A hundred thousand keys: more than that is a mistake, not a list. */
const MAX_PAGES = 100;

const OF_MERCHANT = 'begins_with(#place, :merchant)';
/** A key is written once, and revoked once: nothing else ever changes it. */
const IS_NOT_REVOKED = {
  ConditionExpression: 'attribute_exists(#pk) AND attribute_not_exists(#revoked_at)',
  ExpressionAttributeNames: { '#pk': PAYMENTS_TABLE.partitionKey, '#revoked_at': 'revoked_at' },
} as const;

interface Options {
  client: DynamoDBClient;
  /** The table of the payments. */
  tableName: string;
  timers: Timers;
}

/** API keys, in the table of the payments. A look-up is strongly consistent: a revocation counts at once. */
export function createDynamoKeyStore({ client, tableName, timers }: Options): KeyStore {
  const keyOf = (place: string) => keyPrimaryKey(keyIdOf(place));
  const readIndexPage = createIndexReader({ client, tableName, keyOf });
  const batchGet = createBatchGet({ client, tableName, timers });

  async function get(keyId: string): Promise<StoredKey | null> {
    const command = new GetItemCommand({
      TableName: tableName,
      Key: { [PAYMENTS_TABLE.partitionKey]: { S: keyPrimaryKey(keyId) } },
      ConsistentRead: true,
    });
    const { Item } = await asked('reading an API key', client.send(command));
    return Item ? toKey(Item) : null;
  }

  async function places(merchantId: string | undefined): Promise<string[]> {
    const found: string[] = [];
    let after: string | null = null;
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const { places, next } = await readIndexPage({
        partition: KEYS_PARTITION,
        ...(merchantId !== undefined && {
          condition: OF_MERCHANT,
          values: { ':merchant': { S: merchantPrefix(merchantId) } },
        }),
        after,
        size: PAGE,
        doing: 'listing API keys',
      });
      found.push(...places);
      if (next === null) return found;
      after = next;
    }
    throw new UnavailableError(`There are more than ${MAX_PAGES * PAGE} API keys; name a merchant.`);
  }

  return {
    get,

    async put(key) {
      const item = toKeyItem(key);
      const put = await conditionalPut({
        client,
        tableName,
        item,
        condition: IS_FREE,
        doing: 'storing an API key',
      });
      if (!put.written) throw new UnavailableError(`There is a key ${key.key_id} already.`);
    },

    async revoke(keyId, at) {
      const key = await get(keyId);
      if (!key) return false;
      if (key.revoked_at !== null) return true;
      const item = toKeyItem({ ...key, revoked_at: at });
      const put = await conditionalPut({
        client,
        tableName,
        item,
        condition: IS_NOT_REVOKED,
        doing: 'revoking an API key',
      });
      // Keys are never deleted, so a refused write means that somebody else has revoked it just now.
      return put.written || put.stored !== undefined;
    },

    async list(merchantId) {
      const keys = (await places(merchantId)).map(keyOf);
      const items = await batchGet(keys, 'listing API keys');
      return keys.flatMap((key) => {
        const item = items.get(key);
        return item ? [toKey(item)] : [];
      });
    },
  };
}
