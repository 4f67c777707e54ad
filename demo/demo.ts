import { parseArgs } from 'node:util';
import { createSeededIds } from '../src/adapters/memory/seeded-ids.ts';
import { createPinoLogger } from '../src/adapters/pino/pino-logger.ts';
import { newKey } from '../src/app/api-keys.ts';
import { parseConfig } from '../src/config.ts';
import { timestamp } from '../src/domain/payment.ts';
import { type Folder, openFolder } from '../src/wiring.ts';
import { auditDay } from './audit.ts';
import { closeBooks } from './books.ts';
import { createClient, ServerGoneError } from './client.ts';
import { playDay } from './day.ts';
import { type FoundServer, NoServerError, startServer, useServer } from './find-server.ts';
import { createMerchant } from './merchant.ts';
import { MERCHANT_IDS, planDay } from './plan.ts';
import { startProgress } from './progress.ts';
import { auditLine, declineTable, latencyTable, outcomeTable } from './report.ts';
import { whole } from './table.ts';

const USAGE = `Plays a day of three merchants against a running server, and shows what came of it.

  npm run demo -- [--payments 2000] [--seed 1] [--url http://127.0.0.1:8080] [--data-dir ./data]
  npm run demo -- --start        starts a server for itself, in a temporary folder, and stops it after
`;
const MOST_PAYMENTS = 1_000_000;
/** The demo's keys are revoked when it ends; should it not come to that, they end by themselves. */
const KEY_TTL_MS = 24 * 3_600_000;
/** More tell nothing new. */
const SHOWN_UNEXPECTED = 20;

const { values } = parseArgs({
  options: {
    url: { type: 'string', default: 'http://127.0.0.1:8080' },
    'data-dir': { type: 'string', default: './data' },
    payments: { type: 'string', default: '2000' },
    seed: { type: 'string', default: '1' },
    start: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  },
});
const [payments, seed] = [Number(values.payments), Number(values.seed)];
const sound = Number.isSafeInteger(payments) && payments >= 1 && payments <= MOST_PAYMENTS;
if (values.help || !sound || !Number.isSafeInteger(seed)) {
  process.stdout.write(USAGE);
  process.exit(values.help ? 0 : 2);
}

try {
  const server = await (values.start
    ? startServer()
    : useServer(values.url.replace(/\/$/, ''), values['data-dir']));
  try {
    process.exitCode = (await demonstrate(server)) ? 0 : 1;
  } finally {
    await server.leave();
  }
} catch (error) {
  if (!(error instanceof NoServerError) && !(error instanceof ServerGoneError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}

/** Whether everything was as it should be. */
async function demonstrate({ url, folder }: FoundServer): Promise<boolean> {
  const parts = openFolder(parseConfig({ DATA_DIR: folder }), 'tool', createPinoLogger('silent', false));
  const keys = await makeKeys(parts);
  try {
    return await run(url, parts, new Map([...keys].map(([merchant, { key }]) => [merchant, key])));
  } finally {
    const now = timestamp(parts.clock.now());
    for (const { keyId } of keys.values()) await parts.keys.revoke(keyId, now);
    await parts.database.close();
  }
}

/** A test key for each merchant of the day, as `tollgate keys create` makes them. */
async function makeKeys({ keys, ids, clock }: Folder) {
  const made = new Map<string, { key: string; keyId: string }>();
  for (const merchantId of MERCHANT_IDS) {
    const nowMs = clock.now();
    const { key, stored } = newKey(
      { ids },
      {
        merchantId,
        livemode: false,
        scopes: ['payments:read', 'payments:write', 'refunds:write'],
        expiresAt: timestamp(nowMs + KEY_TTL_MS),
        nowMs,
      },
    );
    await keys.put(stored);
    made.set(merchantId, { key, keyId: stored.key_id });
  }
  return made;
}

async function run(url: string, parts: Folder, keys: ReadonlyMap<string, string>): Promise<boolean> {
  const startedAt = performance.now();
  const unexpected: string[] = [];
  const note = (what: string) => void unexpected.push(what);
  const client = createClient(url, keys);
  await checkKeys(client, url);

  // A second demo with the same seed makes payments of its own: their ids begin with the moment of the run.
  const nowMs = parts.clock.now();
  const runName = `d${nowMs.toString(36)}`;
  const day = planDay(payments, runName, createSeededIds(seed));
  process.stdout.write(`${whole(payments)} payments of ${MERCHANT_IDS.length} merchants at ${url}\n\n`);

  const progress = startProgress(payments);
  await playDay(day, createMerchant(client, note), (done, at) => {
    const wrong = unexpected.length > 0 ? ` · ${unexpected.length} UNEXPECTED` : '';
    const seen = `${whole(done)} of ${whole(payments)} payments · ${whole(client.requests())} requests`;
    progress.show(done, `${timeOfDay(at)} · ${seen}${wrong}`);
  });
  progress.stop();

  let told = false;
  const books = await closeBooks(client, day, {
    run: runName,
    since: timestamp(nowMs - 1),
    unexpected: note,
    waiting(count) {
      if (!told) process.stdout.write(`  after closing time · ${count} payments are still being settled\n`);
      told = true;
    },
  });
  const audit = auditLine(await auditDay(parts, books));
  const seconds = (performance.now() - startedAt) / 1_000;

  process.stdout.write(`\n${outcomeTable(books)}\n${declineTable(books)}\n${latencyTable(client)}\n`);
  const putOff =
    client.putOff() === 0 ? 'none was put off' : `${whole(client.putOff())} put off and sent again`;
  process.stdout.write(`${whole(client.requests())} requests in ${seconds.toFixed(1)} s; ${putOff}.\n`);
  process.stdout.write(`Audit log: ${audit.text}\n`);
  process.stdout.write(`Unexpected: ${unexpected.length === 0 ? 'nothing.' : whole(unexpected.length)}\n`);
  for (const what of unexpected.slice(0, SHOWN_UNEXPECTED)) process.stdout.write(`  - ${what}\n`);
  return audit.ok && unexpected.length === 0;
}

async function checkKeys(client: ReturnType<typeof createClient>, url: string): Promise<void> {
  const merchant = MERCHANT_IDS[0] as string;
  const { status } = await client.send({ kind: 'list', merchant, path: '/payments?limit=1' });
  if (status === 200) return;
  throw new NoServerError(
    `The server at ${url} answered ${status} to a key made in ${values['data-dir']}: it serves another folder. ` +
      'Give the folder of that server: --data-dir.',
  );
}

function timeOfDay(at: number): string {
  const minutes = Math.floor(at * 24 * 60);
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
}
