import { type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import type { AuditHeadStore, ObjectHead } from '../../ports/audit-log.ts';
import { fromItem, toItem } from './attributes.ts';
import { conditionalPut, IS_FREE } from './conditional-put.ts';
import { asked } from './dynamo-fault.ts';
import { CONTROL_TABLE } from './table-schema.ts';

/** The head of a chain with nothing in it; it is not stored. */
const EMPTY_HEAD: ObjectHead = { records: 0, hash: '0'.repeat(64), object: 0 };

const KEY = { [CONTROL_TABLE.partitionKey]: { S: 'audit' }, [CONTROL_TABLE.sortKey]: { S: 'head' } };

interface Options {
  client: DynamoDBClient;
  /** The control table. */
  tableName: string;
}

/** Holds if nobody has moved the head since it was read. The hash covers all before it; the rest is for certainty. */
function isAt({ records, hash, object }: ObjectHead) {
  return {
    ConditionExpression: '#hash = :hash AND #records = :records AND #object = :object',
    ExpressionAttributeNames: { '#hash': 'hash', '#records': 'records', '#object': 'object' },
    ExpressionAttributeValues: {
      ':hash': { S: hash },
      ':records': { N: String(records) },
      ':object': { N: String(object) },
    },
  };
}

/** The audit log's head, outside the bucket that it vouches for. */
export function createDynamoAuditHeads({ client, tableName }: Options): AuditHeadStore {
  return {
    async load() {
      const command = new GetItemCommand({ TableName: tableName, Key: KEY, ConsistentRead: true });
      const { Item } = await asked("reading the audit log's head", client.send(command));
      if (!Item) return EMPTY_HEAD;
      const { records, hash, object } = fromItem(Item) as unknown as ObjectHead;
      return { records, hash, object };
    },

    async move(from, { records, hash, object }) {
      const put = await conditionalPut({
        client,
        tableName,
        item: { ...KEY, ...toItem({ records, hash, object }) },
        condition: from.object === 0 ? IS_FREE : isAt(from),
        doing: "moving the audit log's head",
      });
      return put.written;
    },
  };
}
