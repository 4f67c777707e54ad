import { decodeStreamImage } from '../../src/adapters/dynamodb/stream-image.ts';
import type { Change, ChangeFeed } from '../../src/ports/change-feed.ts';
import { changesPayment, type DynamoStream } from './dynamo-stream.ts';

/** Changes taken from a shard at once. */
const READ_LIMIT = 1_000;

/** The model's stream as a change feed: stands in for the pollers where a suite asks for a feed. */
export function createModelStreamFeed(stream: DynamoStream): ChangeFeed {
  const places = Array.from({ length: stream.shards }, () => 0);
  const committed = new Map<string, number>();
  const changes: Change[] = [];

  function pull(): void {
    for (const [shard, place] of places.entries()) {
      const { records, next } = stream.read(shard, place, READ_LIMIT);
      places[shard] = next;
      for (const { after } of records.filter(changesPayment)) {
        if (after) changes.push({ position: String(changes.length + 1), payment: decodeStreamImage(after) });
      }
    }
  }

  return {
    async read(consumer, limit, only) {
      pull();
      const from = committed.get(consumer) ?? 0;
      const next = changes.slice(from).filter(({ payment }) => !only || payment.dispatch !== null);
      const page = next.slice(0, limit);
      const position = next.length > page.length ? page.at(-1)?.position : String(changes.length);
      return { changes: structuredClone(page), position: position ?? String(from) };
    },
    async commit(consumer, position) {
      committed.set(consumer, Math.max(committed.get(consumer) ?? 0, Number(position)));
    },
    lag(consumer) {
      pull();
      return changes.length - (committed.get(consumer) ?? 0);
    },
  };
}
