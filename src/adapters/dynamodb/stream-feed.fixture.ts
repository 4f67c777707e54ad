import { LOCAL_CREDENTIALS } from '../../../test/emulators/dynamodb-local.ts';
import type { Change, ChangeFeed, ChangeSignal } from '../../ports/change-feed.ts';
import type { StoredItem } from './attributes.ts';
import { decodeStreamImage, isPaymentImage } from './stream-image.ts';

export interface StreamRecord {
  eventName: 'INSERT' | 'MODIFY' | 'REMOVE';
  dynamodb: { NewImage?: StoredItem };
}

interface Shard {
  ShardId: string;
}

/** The emulator wants a signature, and checks nothing of it. */
const AUTHORIZATION = [
  `AWS4-HMAC-SHA256 Credential=${LOCAL_CREDENTIALS.accessKeyId}/20260302/us-east-1/dynamodb/aws4_request`,
  'SignedHeaders=host',
  'Signature=none',
].join(', ');

async function call<T>(endpoint: string, operation: string, input: object): Promise<T> {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `DynamoDBStreams_20120810.${operation}`,
      authorization: AUTHORIZATION,
    },
    body: JSON.stringify(input),
  });
  if (!response.ok) throw new Error(`${operation}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

/** The changes in a table's stream so far, in its order; each call asks for what has come since. */
export function createStreamReader(endpoint: string, tableName: string): () => Promise<StreamRecord[]> {
  const iterators = new Map<string, string | undefined>();
  let streamArn: string | undefined;

  async function openShards(): Promise<void> {
    if (streamArn === undefined) {
      const input = { TableName: tableName };
      const { Streams } = await call<{ Streams: { StreamArn: string }[] }>(endpoint, 'ListStreams', input);
      streamArn = Streams[0]?.StreamArn;
    }
    const { StreamDescription } = await call<{ StreamDescription: { Shards: Shard[] } }>(
      endpoint,
      'DescribeStream',
      { StreamArn: streamArn },
    );
    for (const { ShardId } of StreamDescription.Shards) {
      if (iterators.has(ShardId)) continue;
      const { ShardIterator } = await call<{ ShardIterator: string }>(endpoint, 'GetShardIterator', {
        StreamArn: streamArn,
        ShardId,
        ShardIteratorType: 'TRIM_HORIZON',
      });
      iterators.set(ShardId, ShardIterator);
    }
  }

  return async () => {
    await openShards();
    const found: StreamRecord[] = [];
    for (const [shard, iterator] of iterators) {
      let next = iterator;
      for (let empty = false; next !== undefined && !empty; ) {
        const answer: { Records: StreamRecord[]; NextShardIterator?: string } = await call(
          endpoint,
          'GetRecords',
          { ShardIterator: next },
        );
        found.push(...answer.Records);
        empty = answer.Records.length === 0;
        next = answer.NextShardIterator;
      }
      iterators.set(shard, next);
    }
    return found;
  };
}

interface Options {
  endpoint: string;
  tableName: string;
  /** Of the only process that writes: how far behind a reader is, is told from it. */
  signal: ChangeSignal;
}

/** Stands in for Lambda's poller of the stream: filters, decodes, and keeps each reader's position, in memory. */
export function createStreamFeed({ endpoint, tableName, signal }: Options): ChangeFeed {
  const readStream = createStreamReader(endpoint, tableName);
  const changes: Change[] = [];
  const committed = new Map<string, number>();
  let written = 0;
  /** One after the other: two at once would both go on from the same iterator. */
  let reading = Promise.resolve();
  signal.onChange(() => {
    written += 1;
  });

  async function pull(): Promise<void> {
    for (const { eventName, dynamodb } of await readStream()) {
      const image = dynamodb.NewImage;
      if (eventName === 'REMOVE' || !image || !isPaymentImage(image)) continue;
      changes.push({ position: String(changes.length + 1), payment: decodeStreamImage(image) });
    }
  }

  return {
    async read(consumer, limit, only) {
      reading = reading.then(pull);
      await reading;
      const from = committed.get(consumer) ?? 0;
      const next = changes.slice(from).filter(({ payment }) => !only || payment.dispatch !== null);
      const page = next.slice(0, limit);
      const position = next.length > page.length ? page.at(-1)?.position : String(changes.length);
      return { changes: structuredClone(page), position: position ?? String(from) };
    },
    async commit(consumer, position) {
      committed.set(consumer, Math.max(committed.get(consumer) ?? 0, Number(position)));
    },
    lag: (consumer) => written - (committed.get(consumer) ?? 0),
  };
}
