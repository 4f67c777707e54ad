import type {
  APIGatewayProxyEvent,
  APIGatewayProxyResult,
  DynamoDBBatchResponse,
  DynamoDBStreamEvent,
  SQSBatchResponse,
  SQSEvent,
  SQSRecord,
} from 'aws-lambda';
import { firstOperation, isSettled, type Payment } from '../../../src/domain/payment.ts';
import { proxyEvent } from '../../../src/lambda/events.fixture.ts';
import type { MeteredCloud } from '../cloud/metered-cloud.ts';
import type { Meter } from '../invocation.ts';
import type { RequestKind, Units } from '../measured.ts';
import { answerBytes, type Client } from './client.ts';
import type { Customer } from './customer.ts';
import type { Life } from './lives.ts';
import { type Change, isRelayed, type Sources } from './sources.ts';

/** The functions that a payment goes through. */
export interface Functions {
  api: (event: APIGatewayProxyEvent) => Promise<APIGatewayProxyResult>;
  relay: (event: DynamoDBStreamEvent) => Promise<DynamoDBBatchResponse>;
  worker: (event: SQSEvent) => Promise<SQSBatchResponse>;
}

export interface PlayDeps {
  cloud: MeteredCloud;
  functions: Functions;
  client: Client;
  customer: Customer;
  sources: Sources;
}

export interface Sample {
  /** Records, messages or open payments of the invocation; 1 for a request. */
  readonly size: number;
  readonly units: Units;
}

export interface Played {
  readonly requests: Readonly<Record<RequestKind, Sample[]>>;
  readonly worker: readonly Sample[];
  /** Every change, in order. */
  readonly changes: readonly Change[];
}

const ANSWERS: Readonly<Record<RequestKind, number>> = {
  create: 201,
  replay: 201,
  get: 200,
  list: 200,
  capture: 202,
  cancel: 202,
  refund: 202,
  callback: 200,
};

/** Payments that come in while the ones before them are worked on. */
const WAVE = 10;
/** Between two requests, and between the stream, the queue and what comes of them. */
const REQUEST_MS = 50;
const STEP_MS = 500;
/** A function keeps the secret for five minutes, and hardly a list comes so soon after the one before. */
const BETWEEN_LISTS_MS = 6 * 60_000;
/** The longest that anything waits by itself is the two seconds before the quick look-up. */
const PATIENCE_STEPS = 20;

/** Takes payments through their lives, in waves, with so many messages in an invocation of the worker. */
export async function playRound(
  { cloud, functions, client, customer, sources }: PlayDeps,
  {
    meter,
    lives,
    workerBatch,
    lists,
  }: { meter: Meter; lives: readonly Life[]; workerBatch: number; lists: number },
): Promise<Played> {
  const requests: Record<RequestKind, Sample[]> = {
    create: [],
    replay: [],
    get: [],
    list: [],
    capture: [],
    cancel: [],
    refund: [],
    callback: [],
  };
  const worker: Sample[] = [];
  const played: Change[] = [];
  const byId = new Map(lives.map((life) => [life.paymentId, life]));
  const open = new Set(byId.keys());
  const messages: SQSRecord[] = [];

  async function call(kind: RequestKind, event: APIGatewayProxyEvent): Promise<void> {
    await cloud.advance(REQUEST_MS);
    const { answer, units } = await meter.invoke(() => functions.api(event));
    if (answer.statusCode !== ANSWERS[kind]) {
      throw new Error(
        `A ${kind} was answered with ${answer.statusCode}, not ${ANSWERS[kind]}: ${answer.body}`,
      );
    }
    requests[kind].push({ size: 1, units: { ...units, 'response.bytes': answerBytes(answer) } });
  }

  async function work(count: number): Promise<void> {
    const batch = messages.splice(0, count);
    await cloud.advance(REQUEST_MS);
    const { answer, units } = await meter.invoke(() => functions.worker({ Records: batch }));
    assertDone('worker', answer);
    worker.push({ size: batch.length, units });
  }

  async function begin(life: Life): Promise<void> {
    const event = client.create(life);
    await call('create', event);
    if (life.replayed) await call('replay', event);
  }

  /** What clients and customers do when a payment has come so far. */
  async function react(payment: Payment): Promise<void> {
    const life = byId.get(payment.payment_id);
    if (!life) return;
    const { paymentId, refundId, name, reads } = life;
    const asked = payment.operations.length > 1;
    if (payment.status === 'requires_action') {
      const callback = await customer.accept(firstOperation(payment).next_action?.url ?? '');
      await call('callback', proxyEvent(callback));
    } else if (payment.status === 'authorized' && !asked) {
      if (name === 'captured') await call('capture', client.capture(paymentId));
      else await call('cancel', client.cancel(paymentId));
    } else if (payment.status === 'completed' && refundId !== null && !asked) {
      await call('refund', client.refund(paymentId, refundId));
    } else if (isAtEnd(payment) && open.delete(paymentId)) {
      for (let read = 0; read < reads; read += 1) await call('get', client.get(paymentId));
    }
  }

  /** One turn of the stream and the queue; whether anything moved. */
  async function turn(): Promise<boolean> {
    await cloud.advance(STEP_MS);
    const changes = await sources.changes();
    played.push(...changes);
    const Records = changes.map(({ record }) => record).filter(isRelayed);
    if (Records.length > 0) {
      const { answer } = await meter.invoke(() => functions.relay({ Records }));
      assertDone('relay', answer);
    }
    for (const { payment } of changes) await react(payment);
    messages.push(...(await sources.messages()));
    const isEnough = messages.length >= workerBatch;
    while (messages.length >= workerBatch) await work(workerBatch);
    return changes.length > 0 || isEnough;
  }

  for (let at = 0; at < lives.length; at += WAVE) {
    for (const life of lives.slice(at, at + WAVE)) await begin(life);
    while (await turn());
  }
  for (let idle = 0; open.size > 0 || messages.length > 0; ) {
    if (idle > PATIENCE_STEPS) throw new Error(`These payments do not settle: ${[...open].join(', ')}`);
    const moved = await turn();
    if (!moved && messages.length > 0) await work(messages.length);
    idle = moved ? 0 : idle + 1;
  }
  for (let list = 0; list < lists; list += 1) {
    await cloud.advance(BETWEEN_LISTS_MS);
    await call('list', client.list());
  }
  return { requests, worker, changes: played };
}

function isAtEnd({ status, operations }: Payment): boolean {
  const isFinal = status === 'completed' || status === 'failed' || status === 'canceled';
  return isFinal && operations.every(isSettled);
}

function assertDone(name: string, { batchItemFailures }: SQSBatchResponse | DynamoDBBatchResponse): void {
  if (batchItemFailures.length > 0)
    throw new Error(
      `The ${name} failed on ${batchItemFailures.length} of its batch: run it with LOG_LEVEL=debug.`,
    );
}
