import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateQueueCommand, GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { buildApp } from 'fauxqs';

/** What every client of the emulator is made with. The address is an IP, so S3 clients put the bucket into the path. */
export interface EmulatorSettings {
  endpoint: string;
  region: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
}

/** A work queue and its dead-letter queue, under names not used before. */
export interface EmulatedQueues {
  queueUrl: string;
  dlqUrl: string;
}

export interface Fauxqs {
  endpoint: string;
  settings: EmulatorSettings;
  createQueues(options: { visibilityTimeoutMs: number; maxReceives: number }): Promise<EmulatedQueues>;
  /** Answers the name of a bucket that was just made. */
  createBucket(): Promise<string>;
  stop(): Promise<void>;
}

const REGION = 'us-east-1';
const TAKEN =
  '<?xml version="1.0" encoding="UTF-8"?><Error><Code>PreconditionFailed</Code>' +
  '<Message>At least one of the pre-conditions you specified did not hold</Message></Error>';

type App = ReturnType<typeof buildApp>;

/**
 * SQS and S3 in this process, on a free port. Its time is this process's `Date`, so a test turns it with
 * `vi.useFakeTimers({ toFake: ['Date'] })`.
 */
export async function startFauxqs(): Promise<Fauxqs> {
  const app = buildApp({ logger: false, defaultRegion: REGION });
  refuseWhatIsThere(app);
  lookAtTheClockBeforeCounting(app);
  const endpoint = await app.listen({ port: 0, host: '127.0.0.1' });
  const settings = {
    endpoint,
    region: REGION,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  };
  const sqs = new SQSClient({ ...settings, useQueueUrlAsEndpoint: false });
  const s3 = new S3Client(settings);
  let made = 0;

  async function createQueue(name: string, attributes: Record<string, string>): Promise<string> {
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes: attributes }));
    return QueueUrl as string;
  }

  return {
    endpoint,
    settings,

    async createQueues({ visibilityTimeoutMs, maxReceives }) {
      made += 1;
      const timeout = { VisibilityTimeout: String(visibilityTimeoutMs / 1_000) };
      const dlqUrl = await createQueue(`dlq-${made}`, timeout);
      const { Attributes } = await sqs.send(
        new GetQueueAttributesCommand({ QueueUrl: dlqUrl, AttributeNames: ['QueueArn'] }),
      );
      const redrive = { deadLetterTargetArn: Attributes?.QueueArn, maxReceiveCount: maxReceives };
      const queueUrl = await createQueue(`queue-${made}`, {
        ...timeout,
        RedrivePolicy: JSON.stringify(redrive),
      });
      return { queueUrl, dlqUrl };
    },

    async createBucket() {
      made += 1;
      const name = `bucket-${made}`;
      await s3.send(new CreateBucketCommand({ Bucket: name }));
      return name;
    },

    async stop() {
      sqs.destroy();
      s3.destroy();
      await app.close();
    },
  };
}

/** fauxqs 2.4 does not know `If-None-Match` on a put: it would overwrite, where S3 answers 412. */
function refuseWhatIsThere(app: App): void {
  const there = new Set<string>();
  const pathOf = (url: string) => url.split('?')[0] as string;

  app.addHook('onRequest', (request, reply, done) => {
    const path = pathOf(request.url);
    if (request.method === 'DELETE') there.delete(path);
    if (request.method === 'PUT') {
      if (request.headers['if-none-match'] === '*' && there.has(path)) {
        reply.status(412).header('content-type', 'application/xml').send(TAKEN);
        return;
      }
      // At once and not when it is written, so that of two puts at the same time one is refused.
      there.add(path);
    }
    done();
  });

  app.addHook('onResponse', (request, reply, done) => {
    const refused = reply.statusCode !== 412 && reply.statusCode >= 300;
    if (request.method === 'PUT' && refused) there.delete(pathOf(request.url));
    done();
  });
}

/** fauxqs 2.4 moves what is due only when somebody receives; SQS counts what is due. */
function lookAtTheClockBeforeCounting(app: App): void {
  app.addHook('preHandler', async (request) => {
    if (request.headers['x-amz-target'] !== 'AmazonSQS.GetQueueAttributes') return;
    const { QueueUrl } = request.body as { QueueUrl?: string };
    // A number of messages that is no number: the clock is looked at, and nothing is received.
    await app.inject({
      method: 'POST',
      url: '/',
      headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AmazonSQS.ReceiveMessage' },
      payload: JSON.stringify({ QueueUrl, MaxNumberOfMessages: 'none', WaitTimeSeconds: 0 }),
    });
  });
}
