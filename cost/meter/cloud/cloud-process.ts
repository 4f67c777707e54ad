import { SECRET } from '../../../test/aws/cloud.fixture.ts';
import { startFauxqs } from '../../../test/emulators/fauxqs.ts';
import { startSecretsManager } from '../../../test/emulators/secrets-manager.ts';
import type { CloudAnswer, CloudRequest, Release } from './cloud-messages.ts';
import { createLedger } from './ledger.ts';
import { startMeteringProxy } from './metering-proxy.ts';
import { turnDate } from './turned-date.ts';

/**
 * The emulators but DynamoDB Local, and the proxies before all of them, in a process of their own: what they take of
 * the processor must not stand in what a function takes. Arguments: DynamoDB Local's endpoint, and the date in epoch ms.
 */
const [engine = '', startMs = ''] = process.argv.slice(2);

/** A message is deleted as soon as it is received. */
const QUEUE = { visibilityTimeoutMs: 60_000, maxReceives: 5 };

const date = turnDate(Number(startMs));
const ledger = createLedger();
const [fauxqs, secretsManager] = await Promise.all([startFauxqs(), startSecretsManager(SECRET)]);
const targets = {
  dynamodb: engine,
  sqs: fauxqs.endpoint,
  s3: fauxqs.endpoint,
  secretsmanager: secretsManager.endpoint,
} as const;
const services = Object.keys(targets) as (keyof typeof targets)[];
const started = await Promise.all(
  services.map(async (service) => {
    const { endpoint } = await startMeteringProxy({ service, target: targets[service], ledger });
    return [service, endpoint] as const;
  }),
);

function tell(answer: CloudAnswer): void {
  process.send?.(answer);
}

async function answer(request: CloudRequest): Promise<CloudAnswer> {
  const { id } = request;
  switch (request.ask) {
    case 'begin':
      ledger.begin();
      return { id };
    case 'end':
      return { id, rounds: ledger.end() };
    case 'set-date':
      date.set(request.nowMs);
      return { id };
    case 'create-queue':
      return { id, queueUrl: (await fauxqs.createQueues(QUEUE)).queueUrl };
  }
}

process.on('message', async (message: CloudRequest | Release) => {
  if ('release' in message) ledger.release(message.release);
  else tell(await answer(message));
});
// However whoever started it ends.
process.once('disconnect', () => process.exit(0));

tell({
  ready: {
    proxies: Object.fromEntries(started) as Record<keyof typeof targets, string>,
    fauxqs: fauxqs.endpoint,
    ...(await fauxqs.createQueues(QUEUE)),
    bucket: await fauxqs.createBucket(),
    failedEvents: await fauxqs.createBucket(),
  },
});
