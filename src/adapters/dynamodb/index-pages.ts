import { type DynamoDBClient, QueryCommand, type QueryCommandInput } from '@aws-sdk/client-dynamodb';
import type { StoredItem } from './attributes.ts';
import { asked } from './dynamo-fault.ts';
import { PAYMENTS_TABLE } from './table-schema.ts';

const { partitionKey, index } = PAYMENTS_TABLE;

const IN_PARTITION = '#partition = :partition';

/** After a page of which the filter left less than a quarter, the next one reads four times as much. */
const GROWTH = 4;
/** Entries of one page at most; DynamoDB ends a page at 1 MB, which is some 5,000 entries. */
const MAX_PAGE = 4_000;

export interface IndexPage {
  /** Index places of what was found. */
  places: string[];
  /** The place to go on after; null at the end of the partition. */
  next: string | null;
}

export interface IndexQuery {
  /** Value of the index's partition key. */
  partition: string;
  /** On `#place`, beside the partition's own condition. @default the whole partition */
  condition?: string;
  filter?: string;
  names?: Record<string, string>;
  values?: NonNullable<QueryCommandInput['ExpressionAttributeValues']>;
  newestFirst?: boolean;
  /** Go on after this place, which need not be there any more. */
  after?: string | null;
  /** Entries to look at; a filter may leave fewer, or none. */
  size: number;
  doing: string;
}

interface Deps {
  client: DynamoDBClient;
  tableName: string;
  /** The table's key of what stands at a place. */
  keyOf: (place: string) => string;
}

/** Reads the index, one page of one partition at a time. */
export function createIndexReader({ client, tableName, keyOf }: Deps) {
  function startKey(partition: string, place: string) {
    return {
      [partitionKey]: { S: keyOf(place) },
      [index.partitionKey]: { S: partition },
      [index.sortKey]: { S: place },
    };
  }

  return async (query: IndexQuery): Promise<IndexPage> => {
    const { condition } = query;
    const command = new QueryCommand({
      TableName: tableName,
      IndexName: index.name,
      KeyConditionExpression: condition === undefined ? IN_PARTITION : `${IN_PARTITION} AND ${condition}`,
      FilterExpression: query.filter,
      ExpressionAttributeNames: {
        '#partition': index.partitionKey,
        ...(condition !== undefined && { '#place': index.sortKey }),
        ...query.names,
      },
      ExpressionAttributeValues: { ':partition': { S: query.partition }, ...query.values },
      ScanIndexForward: !query.newestFirst,
      Limit: query.size,
      ExclusiveStartKey: query.after ? startKey(query.partition, query.after) : undefined,
    });
    const answer = await asked(query.doing, client.send(command));
    const last = answer.LastEvaluatedKey;
    return { places: (answer.Items ?? []).map(placeOf), next: last ? placeOf(last) : null };
  };
}

export type ReadIndexPage = ReturnType<typeof createIndexReader>;

/** The size of the next page: what is rare is found by fewer, larger requests, and costs the same. */
export function nextPageSize(size: number, found: number): number {
  return found * GROWTH >= size ? size : Math.min(size * GROWTH, MAX_PAGE);
}

function placeOf(entry: StoredItem): string {
  return entry[index.sortKey]?.S as string;
}
