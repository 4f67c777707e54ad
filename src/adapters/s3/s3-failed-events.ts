import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { FailedBatch, FailedEvents } from '../../ports/failed-events.ts';
import { s3Fault } from './s3-fault.ts';

/** Lambda writes `aws/lambda/<event source>/<shard>/<year>/<month>/<day>/<time>-<random>`. */
const PREFIX = 'aws/lambda/';
/** What S3 lists in one answer. */
const MOST_LISTED = 1_000;

/** The part of Lambda's invocation record that is read. S3, unlike other destinations, gets the records themselves. */
interface InvocationRecord {
  requestContext?: { functionArn?: string };
  /** The whole event: as text, or as it is. */
  payload?: unknown;
}

/**
 * Batches of the stream that a function failed on until its retries or their age were over.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-eventsourcemapping.html
 */
export function createS3FailedEvents({ client, bucket }: { client: S3Client; bucket: string }): FailedEvents {
  async function ask<T>(what: string, call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      throw s3Fault(`${what} in ${bucket}`, error);
    }
  }

  /** In the order of their age, and not of their names, which begin with the reader and the shard. */
  function keys(): Promise<string[]> {
    return ask('Failed batches cannot be listed', async () => {
      const { Contents = [] } = await client.send(
        new ListObjectsV2Command({ Bucket: bucket, Prefix: PREFIX, MaxKeys: MOST_LISTED }),
      );
      const aged = Contents.toSorted((a, b) => Number(a.LastModified) - Number(b.LastModified));
      return aged.map(({ Key }) => Key as string);
    });
  }

  return {
    list: async (limit) => (await keys()).slice(0, limit),
    count: async () => (await keys()).length,
    async read(id) {
      const text = await ask(`The failed batch ${id} cannot be read`, async () => {
        const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: id }));
        return Body?.transformToString();
      });
      return opened(text ?? '');
    },
    remove: (id) =>
      ask(`The failed batch ${id} cannot be removed`, async () => {
        await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: id }));
      }),
  };
}

/** What is no invocation record has no reader, so that it stays where it is and is counted. */
function opened(text: string): FailedBatch {
  const { requestContext, payload } = (parsed(text) ?? {}) as InvocationRecord;
  return {
    reader: functionName(requestContext?.functionArn ?? ''),
    event: typeof payload === 'string' ? parsed(payload) : payload,
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** `arn:aws:lambda:region:account:function:name:alias` → `name`. */
function functionName(arn: string): string {
  return arn.split(':')[6] ?? '';
}
