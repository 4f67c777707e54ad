import { isDeepStrictEqual } from 'node:util';
import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  PutItemCommand,
  type PutItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { fromItem, type Item, type StoredItem } from './attributes.ts';
import { attemptsOf, toFault } from './dynamo-fault.ts';
import { PAYMENTS_TABLE } from './table-schema.ts';

export type Put =
  | { written: true }
  /** `stored`: what is there instead; undefined if nothing is. */
  | { written: false; stored: StoredItem | undefined };

/** Holds if no item has this key, in every table: they all name their partition key alike. */
export const IS_FREE = {
  ConditionExpression: 'attribute_not_exists(#pk)',
  ExpressionAttributeNames: { '#pk': PAYMENTS_TABLE.partitionKey },
} as const;

type Condition = Pick<
  PutItemCommandInput,
  'ConditionExpression' | 'ExpressionAttributeNames' | 'ExpressionAttributeValues'
>;

interface PutRequest {
  client: DynamoDBClient;
  tableName: string;
  item: Item;
  condition: Condition;
  /** As in "writing a payment". */
  doing: string;
}

/**
 * One conditional put of one item, which is every write there is. A refused one answers what is there, so that
 * nobody has to ask again.
 *
 * The SDK repeats a put whose answer was lost, and the repetition then finds its own item: a put that was sent more
 * than once and finds exactly what it was writing has written it.
 */
export async function conditionalPut({
  client,
  tableName,
  item,
  condition,
  doing,
}: PutRequest): Promise<Put> {
  const command = new PutItemCommand({
    TableName: tableName,
    Item: item,
    ...condition,
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  });
  try {
    await client.send(command);
    return { written: true };
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw toFault(error, doing);
    const stored: StoredItem | undefined = error.Item;
    if (attemptsOf(error) > 1 && stored && isDeepStrictEqual(fromItem(stored), fromItem(item))) {
      return { written: true };
    }
    return { written: false, stored };
  }
}
