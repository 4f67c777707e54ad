import {
  type BatchResultErrorEntry,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { Clock } from '../../src/ports/clock.ts';
import { directWire, type ServiceCall, sendAsSdk, serviceError, type Wire } from './service-call.ts';
import { createSqsQueue, type QueueBehaviour, type SqsQueue, type StoredMessage } from './sqs-queue.ts';

/** Addresses of the queues in the model. */
export const QUEUES = {
  work: 'https://sqs.example/payment-queue',
  dead: 'https://sqs.example/payment-dlq',
} as const;

const BATCH = 10;
const MAX_DELAY_SECONDS = 900;
const FOURTEEN_DAYS_MS = 14 * 24 * 3_600_000;
/** Receives before SQS itself puts a message aside. */
const MAX_RECEIVES = 5;

export interface SqsModelOptions {
  /** The service's own time. */
  clock: Clock;
  visibilityTimeoutMs: number;
  maxReceives?: number;
  /** How long a message is kept. @default four days, and fourteen once it is put aside */
  keepsMs?: number;
  /** Of the work queue. */
  behaviour?: QueueBehaviour;
  /** Whether an entry of a batch is not taken, though the request succeeds. @default never */
  refusesEntry?: () => boolean;
  /** Delays after which a message that was taken is there: none if it is lost, several if it is repeated. */
  arrives?: (delayMs: number) => readonly number[];
  onSent?: (body: string) => void;
  /** Of the work queue. */
  onGiven?: (message: StoredMessage) => void;
  onDeleted?: (message: StoredMessage) => void;
  onBuried?: (message: StoredMessage) => void;
}

export interface SqsModel {
  work: SqsQueue;
  dead: SqsQueue;
  /** A client for one machine, behind its own way to the service. */
  client(wire?: Wire): SQSClient;
}

/** The work queue and its dead-letter queue on SQS, as far as this project uses them. */
export function createSqsModel(options: SqsModelOptions): SqsModel {
  const { clock, visibilityTimeoutMs, maxReceives = MAX_RECEIVES, behaviour, onSent } = options;
  const { onGiven, onDeleted, onBuried } = options;
  const { keepsMs, refusesEntry = () => false, arrives = (delayMs) => [delayMs] } = options;
  const nowMs = () => clock.now();
  const dead = createSqsQueue({ nowMs, visibilityTimeoutMs, keepsMs: keepsMs ?? FOURTEEN_DAYS_MS });
  const work = createSqsQueue({
    nowMs,
    visibilityTimeoutMs,
    redrive: { queue: dead, maxReceives },
    ...(keepsMs !== undefined && { keepsMs }),
    ...(behaviour && { behaviour }),
    ...(onGiven && { onGiven }),
    ...(onDeleted && { onDeleted }),
    ...(onBuried && { onBuried }),
  });
  const queues = new Map<string, SqsQueue>([
    [QUEUES.work, work],
    [QUEUES.dead, dead],
  ]);

  function queueOf(url: string | undefined): SqsQueue {
    const queue = queues.get(url ?? '');
    if (!queue) throw serviceError('QueueDoesNotExist', `There is no queue ${url}`, 400);
    return queue;
  }

  /** Each entry by itself: a request that succeeds may have taken a part of them only. */
  function each<Entry extends { Id?: string | undefined }>(
    entries: readonly Entry[] = [],
    take: (entry: Entry) => void,
  ): { Failed: BatchResultErrorEntry[] } {
    if (entries.length === 0 || entries.length > BATCH)
      throw serviceError('TooManyEntriesInBatchRequest', `A batch of ${entries.length} entries`, 400);
    const Failed: BatchResultErrorEntry[] = [];
    for (const entry of entries) {
      if (refusesEntry()) Failed.push({ Id: entry.Id, Code: 'InternalError', SenderFault: false });
      else take(entry);
    }
    return { Failed };
  }

  function send({ input }: SendMessageBatchCommand) {
    const queue = queueOf(input.QueueUrl);
    return each(input.Entries, ({ MessageBody = '', DelaySeconds = 0 }) => {
      if (!Number.isInteger(DelaySeconds) || DelaySeconds < 0 || DelaySeconds > MAX_DELAY_SECONDS)
        throw serviceError('InvalidParameterValue', `Value ${DelaySeconds} for DelaySeconds is invalid`, 400);
      onSent?.(MessageBody);
      for (const delayMs of arrives(DelaySeconds * 1_000)) queue.send(MessageBody, delayMs);
    });
  }

  function receive({ input }: ReceiveMessageCommand) {
    const { MaxNumberOfMessages = 1 } = input;
    if (MaxNumberOfMessages < 1 || MaxNumberOfMessages > BATCH)
      throw serviceError(
        'InvalidParameterValue',
        `MaxNumberOfMessages ${MaxNumberOfMessages} is invalid`,
        400,
      );
    const Messages = queueOf(input.QueueUrl)
      .receive(MaxNumberOfMessages)
      .map(({ id, body, receipt, received }) => ({
        MessageId: id,
        Body: body,
        ReceiptHandle: receipt,
        Attributes: { ApproximateReceiveCount: String(received) },
      }));
    return Messages.length > 0 ? { Messages } : {};
  }

  function attributes({ input }: GetQueueAttributesCommand) {
    const { waiting, delayed, inFlight } = queueOf(input.QueueUrl).depth();
    return {
      Attributes: {
        ApproximateNumberOfMessages: String(waiting),
        ApproximateNumberOfMessagesDelayed: String(delayed),
        ApproximateNumberOfMessagesNotVisible: String(inFlight),
      },
    };
  }

  function callOf(command: unknown): Omit<ServiceCall<object>, 'service'> {
    if (command instanceof SendMessageBatchCommand) {
      const about = (command.input.Entries ?? []).map(({ MessageBody }) => MessageBody).join();
      return { operation: 'SendMessageBatch', about, writes: true, effect: () => send(command) };
    }
    if (command instanceof ReceiveMessageCommand) {
      const about = nameOf(command.input.QueueUrl);
      return { operation: 'ReceiveMessage', about, writes: true, effect: () => receive(command) };
    }
    if (command instanceof DeleteMessageBatchCommand) {
      const { QueueUrl, Entries } = command.input;
      const effect = () => each(Entries, ({ ReceiptHandle = '' }) => queueOf(QueueUrl).remove(ReceiptHandle));
      const about = (Entries ?? []).map(({ ReceiptHandle }) => ReceiptHandle).join();
      return { operation: 'DeleteMessageBatch', about, writes: true, effect };
    }
    if (command instanceof GetQueueAttributesCommand) {
      const about = nameOf(command.input.QueueUrl);
      return { operation: 'GetQueueAttributes', about, writes: false, effect: () => attributes(command) };
    }
    throw new TypeError(`The model of SQS does not know ${(command as object).constructor.name}.`);
  }

  return {
    work,
    dead,
    client(wire = directWire) {
      const send = (command: unknown) => sendAsSdk(wire, { service: 'sqs', ...callOf(command) });
      return { send, destroy: () => undefined } as unknown as SQSClient;
    },
  };
}

function nameOf(url: string | undefined): string {
  return url?.split('/').at(-1) ?? '';
}
