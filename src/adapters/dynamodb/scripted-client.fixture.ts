import { Readable } from 'node:stream';
import type { DynamoDBClient, DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { LOCAL_CREDENTIALS } from '../../../test/emulators/dynamodb-local.ts';
import type { Payment } from '../../domain/payment.ts';
import type { Logger } from '../../ports/logger.ts';
import { createDynamoClient } from './dynamo-client.ts';
import { createDynamoPaymentStore } from './dynamo-payment-store.ts';
import { toPaymentItem } from './payment-item.ts';
import { indexPlace, paymentKey } from './payment-keys.ts';

const SCRIPTED_TABLE = 'payments';

/** What DynamoDB was asked, as it reads it. */
export interface ScriptedRequest {
  operation: string;
  input: Record<string, unknown>;
}

/** What it answers, or how the connection breaks. */
export type ScriptedAnswer = { status: number; body: object | string } | Error;

export const ok = (body: object = {}): ScriptedAnswer => ({ status: 200, body });

export function refused(
  name: string,
  { status = 400, message = 'No.', ...more }: RefusedOptions = {},
): ScriptedAnswer {
  return {
    status,
    body: { __type: `com.amazonaws.dynamodb.v20120810#${name}`, message, ...more },
  };
}

interface RefusedOptions {
  status?: number;
  message?: string;
  Item?: object;
}

export function broken(code: string): Error {
  return Object.assign(new Error(`connect ${code} 192.0.2.1:443`), { code, syscall: 'connect' });
}

export function timedOut(): Error {
  return Object.assign(new Error('no answer within 3000 ms'), { name: 'TimeoutError' });
}

/**
 * The real client, retries and all, with a script in the place of the network.
 * @param answer called for each request that is sent, retries too
 */
export function createScriptedClient(
  answer: (request: ScriptedRequest, n: number) => ScriptedAnswer,
  overrides: DynamoDBClientConfig = {},
): { client: DynamoDBClient; requests: ScriptedRequest[] } {
  const requests: ScriptedRequest[] = [];
  const client = createDynamoClient({
    region: 'us-east-1',
    endpoint: 'http://192.0.2.1',
    credentials: LOCAL_CREDENTIALS,
    requestHandler: {
      async handle({ headers, body }: { headers: Record<string, string>; body: Uint8Array }) {
        const operation = headers['x-amz-target']?.split('.')[1] ?? '';
        const request = { operation, input: JSON.parse(new TextDecoder().decode(body)) };
        requests.push(request);
        const answered = answer(request, requests.length);
        if (answered instanceof Error) throw answered;
        const text = typeof answered.body === 'string' ? answered.body : JSON.stringify(answered.body);
        return {
          response: {
            statusCode: answered.status,
            headers: { 'content-type': 'application/x-amz-json-1.0' },
            body: Readable.from([Buffer.from(text)]),
          },
        };
      },
    },
    ...overrides,
  });
  return { client, requests };
}

/** The store over a script. Its pauses end at once, and are noted. */
export function openScriptedStore(
  answer: (request: ScriptedRequest, n: number) => ScriptedAnswer,
  maxAttempts = 1,
  logger?: Pick<Logger, 'error'>,
) {
  const pausesMs: number[] = [];
  const timers = {
    async sleep(ms: number) {
      pausesMs.push(ms);
    },
    after: () => () => undefined,
  };
  const { client, requests } = createScriptedClient(answer, { maxAttempts });
  const store = createDynamoPaymentStore({
    client,
    tableName: SCRIPTED_TABLE,
    timers,
    ...(logger && { logger }),
  });
  return { store, requests, pausesMs };
}

export function partitionOf({ input }: ScriptedRequest): string {
  return (input.ExpressionAttributeValues as Record<string, { S: string }>)[':partition']?.S ?? '';
}

export function keysOf({ input }: ScriptedRequest): string[] {
  const tables = input.RequestItems as Record<string, { Keys: { pk: { S: string } }[] }>;
  return tables[SCRIPTED_TABLE]?.Keys.map(({ pk }) => pk.S) ?? [];
}

/** A page of the index. @param next the place that it ends with, if there is more */
export function indexPage(found: readonly Payment[], next?: Payment): ScriptedAnswer {
  const entry = (payment: Payment) => ({
    pk: { S: paymentKey(payment) },
    index_pk: { S: 'any' },
    index_sk: { S: indexPlace(payment) },
  });
  return ok({ Items: found.map(entry), ...(next && { LastEvaluatedKey: entry(next) }) });
}

/** The answer to a batch request. @param unread keys that were not processed */
export function batch(found: readonly Payment[], unread: readonly string[] = []): ScriptedAnswer {
  return ok({
    Responses: { [SCRIPTED_TABLE]: found.map((payment) => toPaymentItem(payment, 0)) },
    UnprocessedKeys:
      unread.length === 0 ? {} : { [SCRIPTED_TABLE]: { Keys: unread.map((S) => ({ pk: { S } })) } },
  });
}
