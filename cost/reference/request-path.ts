import type { Usage } from '../bill/usage.ts';
import type { Mix } from '../mix/mix.ts';
import { figure } from '../model/figure.ts';
import { GIB, MEGABYTES_PER_GB } from '../model/stated.ts';
import { declared } from './declared.ts';
import {
  BYTES_PER_CALL,
  billedMs,
  CPU_MS,
  IDLE_POLLS_PER_MONTH,
  messagesPerPoll,
  RESPONSE_HEADER_BYTES,
  requestsPerPayment,
  texts,
} from './design.ts';
import { executionLogBytes, HANDLER_LINE_BYTES, PLATFORM_LINE_BYTES } from './execution-log.ts';

/** What differs between the reference and what was before it, on the way of a request. */
export interface FunctionShape {
  readonly memoryMb: number;
  /** Id of the price of a GB-second. */
  readonly gbSecondPrice: string;
}

/** Edge, firewall, functions, queue and logs: all that each request, or each payment, passes. */
export function requestPath(payments: number, mix: Mix, shape: FunctionShape): readonly Usage[] {
  const { creates, others } = requestsPerPayment(mix);
  const requests = payments * (creates + others);
  return [
    ...edge(requests, mix),
    ...functions(payments, mix, shape),
    ...queue(payments),
    ...logs(payments, mix),
    nat(payments),
  ];
}

function edge(requests: number, mix: Mix): readonly Usage[] {
  const blocked = (requests * mix.blockedShare) / (1 - mix.blockedShare);
  const bytes = texts(mix).responseBody.length + RESPONSE_HEADER_BYTES;
  const perPayment =
    'a create, and the reads, lists and replays of the mix; the reference has no route for captures, cancels or refunds';
  return [
    declared('edge', 'requests of the REST API', 'apigw.rest', requests, perPayment),
    declared(
      'edge',
      'answers to clients, GB',
      'dto',
      (requests * bytes) / GIB,
      `${bytes} bytes each: ${RESPONSE_HEADER_BYTES} of headers (assumed) and the body that its handler returns`,
    ),
    declared(
      'firewall',
      'requests that the firewall looks at',
      'waf.request',
      requests + blocked,
      `all requests, and ${figure(blocked)} that it blocks: ${figure(mix.blockedShare * 100)} % of what it sees, as in the mix`,
    ),
  ];
}

function functions(payments: number, mix: Mix, { memoryMb, gbSecondPrice }: FunctionShape): readonly Usage[] {
  const { others } = requestsPerPayment(mix);
  const { dynamodb, sqs, s3 } = mix.latencyMs;
  const createMs = billedMs(dynamodb + sqs + s3, CPU_MS.create, memoryMb);
  const readMs = billedMs(0, CPU_MS.read, memoryMb);
  const messageMs = billedMs(dynamodb, CPU_MS.message, memoryMb);
  const batches = payments / messagesPerPoll(payments);
  const gbSeconds =
    ((createMs + readMs * others + messageMs) / 1_000) * (memoryMb / MEGABYTES_PER_GB) * payments;
  return [
    declared(
      'functions',
      'invocations of payment-processor',
      'lambda.request',
      payments * (1 + others),
      'one a request',
    ),
    declared(
      'functions',
      'invocations of event-handler',
      'lambda.request',
      batches,
      `one for ${figure(messagesPerPoll(payments))} messages: in its favour`,
    ),
    declared(
      'functions',
      'GB-seconds of both functions',
      gbSecondPrice,
      gbSeconds,
      `${memoryMb} MB: ${figure(createMs)} ms a create (${dynamodb} DynamoDB + ${sqs} SQS + ${s3} S3, one after the other, + ` +
        `${CPU_MS.create} ms of a core), ${figure(readMs)} ms a read, ${figure(messageMs)} ms a message; no cold starts, no PSP`,
    ),
  ];
}

function queue(payments: number): readonly Usage[] {
  const batch = messagesPerPoll(payments);
  const polls = Math.max(payments / batch, IDLE_POLLS_PER_MONTH);
  return [
    declared('queue', 'SendMessage', 'sqs.std', payments, 'one a payment, by its API handler'),
    declared(
      'queue',
      'ReceiveMessage',
      'sqs.std',
      polls,
      `one for ${figure(batch)} messages; at least five pollers that wait 20 s each, which Lambda runs all month`,
    ),
    declared('queue', 'DeleteMessageBatch', 'sqs.std', payments / batch, 'one a batch, by Lambda'),
  ];
}

function logs(payments: number, mix: Mix): readonly Usage[] {
  const { others } = requestsPerPayment(mix);
  const create = executionLogBytes(mix, 'create');
  const read = executionLogBytes(mix, 'read');
  const handlerLine = HANDLER_LINE_BYTES + mix.sizes.paymentIdCharacters;
  const handlers = payments * (1 + others + 1 / messagesPerPoll(payments)) * PLATFORM_LINE_BYTES;
  return [
    declared(
      'logs and traces',
      'execution log of the API with data trace, GB',
      'cw.logs.vended',
      (payments * (create + read * others)) / GIB,
      `${figure(create)} bytes a create and ${figure(read)} a read, in 22 events, each cut at 1 KB`,
    ),
    declared(
      'logs and traces',
      'logs of the functions, GB',
      'cw.logs.vended',
      (handlers + payments * handlerLine) / GIB,
      `${PLATFORM_LINE_BYTES} bytes of START, END and REPORT an invocation, and a printed line of ${handlerLine} bytes a payment`,
    ),
  ];
}

/** Its payment-processor stands in the VPC, which has no gateway endpoints: DynamoDB and S3 go by the NAT too. */
function nat(payments: number): Usage {
  return declared(
    'network',
    'bytes through the NAT, GB',
    'nat.gb',
    (payments * 3 * BYTES_PER_CALL) / GIB,
    `three calls of ${figure(BYTES_PER_CALL)} bytes (assumed) a payment: DynamoDB, SQS, S3; there are no gateway endpoints`,
  );
}
