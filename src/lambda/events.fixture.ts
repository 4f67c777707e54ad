import type {
  APIGatewayEventIdentity,
  APIGatewayProxyEvent,
  APIGatewayRequestAuthorizerEvent,
  APIGatewayTokenAuthorizerEvent,
  AttributeValue,
  DynamoDBRecord,
  DynamoDBStreamEvent,
  SQSEvent,
} from 'aws-lambda';
import { toPaymentItem } from '../adapters/dynamodb/payment-item.ts';
import { writeMessage } from '../adapters/sqs/work-message.ts';
import { aRef, NOW_MS } from '../domain/payment.fixture.ts';
import type { Payment } from '../domain/payment.ts';
import type { WorkItem } from '../ports/work-queue.ts';
import type { AuthorizerContext } from './authorizer-context.ts';

/** What AWS calls functions with, in the shapes that it documents, with every member it sends. */

const REGION = 'us-east-1';
const ACCOUNT = '123456789012';
const API_ID = 'a1b2c3d4e5';
const STAGE = 'prod';
const HOST = `${API_ID}.execute-api.${REGION}.amazonaws.com`;
export const METHOD_ARN = `arn:aws:execute-api:${REGION}:${ACCOUNT}:${API_ID}/${STAGE}/GET/payments/order-1`;
export const WHOLE_STAGE = `arn:aws:execute-api:${REGION}:${ACCOUNT}:${API_ID}/${STAGE}/*`;
const STREAM_ARN = `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/payments-dev/stream/2026-03-02T09:00:00.000`;
const NOW_SECONDS = NOW_MS / 1_000;

type Pairs = readonly (readonly [name: string, value: string])[];

export interface ProxyRequest {
  method?: string;
  /** As it was sent, without the stage: the gateway leaves what is percent-encoded as it is. */
  path?: string;
  /** Decoded: the gateway does that. */
  query?: Pairs;
  headers?: Pairs;
  body?: string | null;
  isBase64Encoded?: boolean;
  /** What the authorizer found; left out on routes that have none. */
  context?: AuthorizerContext;
  /** A domain of one's own, whose paths have no stage in front. */
  domainName?: string;
}

const IDENTITY: APIGatewayEventIdentity = {
  accessKey: null,
  accountId: null,
  apiKey: null,
  apiKeyId: null,
  caller: null,
  clientCert: null,
  cognitoAuthenticationProvider: null,
  cognitoAuthenticationType: null,
  cognitoIdentityId: null,
  cognitoIdentityPoolId: null,
  principalOrgId: null,
  sourceIp: '203.0.113.7',
  user: null,
  userAgent: 'curl/8.5.0',
  userArn: null,
};

/** The last value of each name, and all of them: the gateway sends both. */
function parted(pairs: Pairs): { last: Record<string, string>; all: Record<string, string[]> } {
  const all: Record<string, string[]> = {};
  for (const [name, value] of pairs) all[name] = [...(all[name] ?? []), value];
  return { last: Object.fromEntries(pairs), all };
}

/** What stands before the request in every event, and what CloudFront and the gateway add to its headers. */
const ADDED: Pairs = [
  ['Host', HOST],
  ['User-Agent', 'curl/8.5.0'],
  ['X-Amzn-Trace-Id', 'Root=1-65e2f0a8-1234567890abcdef12345678'],
  ['X-Forwarded-For', '203.0.113.7'],
  ['X-Forwarded-Port', '443'],
  ['X-Forwarded-Proto', 'https'],
];

/** A REST API's proxy event (Lambda proxy integration). */
export function proxyEvent(given: ProxyRequest = {}): APIGatewayProxyEvent {
  const { method = 'GET', path = '/payments/order-1', query = [], headers = [], body = null } = given;
  const { context, domainName = HOST, isBase64Encoded = false } = given;
  const header = parted([...ADDED, ...headers]);
  const asked = parted(query);
  const isAsked = query.length > 0;
  return {
    resource: '/{proxy+}',
    path,
    httpMethod: method,
    headers: header.last,
    multiValueHeaders: header.all,
    queryStringParameters: isAsked ? asked.last : null,
    multiValueQueryStringParameters: isAsked ? asked.all : null,
    pathParameters: { proxy: path.slice(1) },
    stageVariables: null,
    requestContext: {
      resourceId: 'x1y2z3',
      // The types allow it to be undefined, where the gateway leaves it out.
      authorizer: context && { ...context, principalId: context.keyId, integrationLatency: 12 },
      resourcePath: '/{proxy+}',
      httpMethod: method,
      extendedRequestId: 'T4xgdFk5IAMFvFQ=',
      requestTime: '02/Mar/2026:10:00:00 +0000',
      path: domainName === HOST ? `/${STAGE}${path}` : path,
      accountId: ACCOUNT,
      protocol: 'HTTP/1.1',
      stage: STAGE,
      domainPrefix: domainName.split('.')[0],
      requestTimeEpoch: NOW_MS,
      requestId: '9d1f3a52-7b0c-4f1e-8a53-2f6c0c9f1d11',
      identity: IDENTITY,
      domainName,
      apiId: API_ID,
    },
    body,
    isBase64Encoded,
  };
}

/** An authorizer's event that carries the header alone. */
export function tokenEvent(
  authorizationToken: string,
  methodArn: string = METHOD_ARN,
): APIGatewayTokenAuthorizerEvent {
  return { type: 'TOKEN', methodArn, authorizationToken };
}

/** An authorizer's event that carries the whole head of the request. */
export function requestEvent(headers: Pairs | null): APIGatewayRequestAuthorizerEvent {
  const { body: _body, isBase64Encoded: _encoded, ...head } = proxyEvent({ headers: headers ?? [] });
  return {
    ...head,
    type: 'REQUEST',
    methodArn: METHOD_ARN,
    requestContext: { ...head.requestContext, authorizer: undefined },
    ...(headers === null ? { headers: null, multiValueHeaders: null } : {}),
  };
}

export function aWorkItem(given: Partial<WorkItem> = {}): WorkItem {
  return { ...aRef(), operation_id: 'charge.1', attempt: 0, ...given };
}

/** A batch of an SQS queue; of each message its body, or its body and how often it was received. */
export function sqsEvent(
  messages: readonly (WorkItem | string | { body: string; received: number })[],
): SQSEvent {
  return {
    Records: messages.map((message, index) => {
      const text =
        typeof message === 'string' ? message : 'body' in message ? message.body : writeMessage(message);
      const received = typeof message === 'object' && 'received' in message ? message.received : 1;
      return {
        messageId: `059f36b4-87a3-44ab-83d2-66197${String(index).padStart(7, '0')}`,
        receiptHandle: `AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a${index}`,
        body: text,
        attributes: {
          ApproximateReceiveCount: String(received),
          SentTimestamp: String(NOW_MS),
          SenderId: 'AROAEXAMPLEID:payment-relay-dev',
          ApproximateFirstReceiveTimestamp: String(NOW_MS + 12),
        },
        messageAttributes: {},
        md5OfBody: 'e4e68fb7bd0e697a0ae8f1bb342846b3',
        eventSource: 'aws:sqs',
        eventSourceARN: `arn:aws:sqs:${REGION}:${ACCOUNT}:payment-queue-dev`,
        awsRegion: REGION,
      };
    }),
  };
}

/** Sequence number of the record that stands n-th in its batch, from 1. */
export function sequenceNumber(place: number): string {
  return `40000000000000000000000${String(place).padStart(4, '0')}`;
}

type Image = Record<string, AttributeValue>;
type Change = Pick<DynamoDBRecord, 'eventName' | 'userIdentity'> & { NewImage?: Image; OldImage?: Image };

/** As Lambda passes it: binary attributes are text in base64. */
function imageOf(payment: Payment): Image {
  const entries = Object.entries(toPaymentItem(payment, 0));
  return Object.fromEntries(
    entries.map(([name, value]) => [
      name,
      'B' in value ? { B: Buffer.from(value.B).toString('base64') } : value,
    ]),
  ) as Image;
}

/** A payment was written: for the first time, or over what it was before. */
export function written(payment: Payment, before?: Payment): Change {
  const NewImage = imageOf(payment);
  if (!before) return { eventName: 'INSERT', NewImage };
  return { eventName: 'MODIFY', NewImage, OldImage: imageOf(before) };
}

/** A payment that nobody can make sense of: of its record only the first bytes are left. */
export function unreadable(payment: Payment): Change {
  const whole = imageOf(payment);
  const NewImage = { ...whole, record: { B: String(whole.record?.B).slice(0, 8) } };
  return { eventName: 'MODIFY', NewImage, OldImage: imageOf(payment) };
}

export function keyWritten(): Change {
  return {
    eventName: 'INSERT',
    NewImage: { pk: { S: 'key#k1' }, key_id: { S: 'k1' }, merchant_id: { S: 'm_1' } },
  };
}

/** The table's own clean-up of what has expired, which no person and no code of ours did. */
export function removedByTtl(payment: Payment): Change {
  return {
    eventName: 'REMOVE',
    OldImage: imageOf(payment),
    userIdentity: { type: 'Service', principalId: 'dynamodb.amazonaws.com' },
  };
}

/** A batch of the table's stream. */
export function streamEvent(changes: readonly Change[]): DynamoDBStreamEvent {
  return {
    Records: changes.map(({ eventName, userIdentity, ...images }, index): DynamoDBRecord => {
      const key = (images.NewImage ?? images.OldImage)?.pk as AttributeValue;
      return {
        eventID: `c4ca4238a0b923820dcc509a6f75${String(index).padStart(4, '0')}`,
        ...(eventName ? { eventName } : {}),
        eventVersion: '1.1',
        eventSource: 'aws:dynamodb',
        awsRegion: REGION,
        dynamodb: {
          ApproximateCreationDateTime: NOW_SECONDS,
          Keys: { pk: key },
          ...images,
          SequenceNumber: sequenceNumber(index + 1),
          SizeBytes: 1_024,
          StreamViewType: 'NEW_AND_OLD_IMAGES',
        },
        eventSourceARN: STREAM_ARN,
        ...(userIdentity ? { userIdentity } : {}),
      };
    }),
  };
}

/** What Lambda puts into a bucket when it gives up a batch of a stream: to no other place does it send the batch. */
export function invocationRecord(event: DynamoDBStreamEvent, functionName: string): Record<string, unknown> {
  return {
    requestContext: {
      requestId: '316aa6d0-8154-xmpl-9af7-85d5f4a6bc81',
      functionArn: `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${functionName}:live`,
      condition: 'RetryAttemptsExhausted',
      approximateInvokeCount: 6,
    },
    responseContext: { statusCode: 200, executedVersion: '3', functionError: 'Unhandled' },
    version: '1.0',
    timestamp: '2026-03-02T10:20:13.863Z',
    DDBStreamBatchInfo: {
      shardId: 'shardId-00000001772443800000-abcdef12',
      startSequenceNumber: sequenceNumber(1),
      endSequenceNumber: sequenceNumber(event.Records.length),
      approximateArrivalOfFirstRecord: '2026-03-02T10:00:00Z',
      approximateArrivalOfLastRecord: '2026-03-02T10:00:00Z',
      batchSize: event.Records.length,
      streamArn: STREAM_ARN,
    },
    payload: JSON.stringify(event),
  };
}

/** Name of such an object. */
export function invocationRecordKey(name: string, shard = 'shardId-00000001772443800000-abcdef12'): string {
  return `aws/lambda/d5f3b1a2-1111-4c4c-9d9d-000000000001/${shard}/2026/03/02/2026-03-02T10.20.13-${name}`;
}
