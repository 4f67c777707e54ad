import { openFilesAuditLog } from '../src/adapters/files/files-audit-log.ts';
import { createAskPsp } from '../src/app/ask-psp.ts';
import { createAudit } from '../src/app/audit.ts';
import { createRelay } from '../src/app/relay.ts';
import { useCases } from '../src/app/use-cases.ts';
import { createWorker } from '../src/app/work.ts';
import { parseConfig } from '../src/config.ts';
import { openFolder, openSimulator } from '../src/wiring.ts';

/**
 * Fills a data folder with completed payments through the product's own use cases and steps, without HTTP:
 * `fill.ts <folder> <from> <to>`. Payment ids are `f<number>`.
 */
const [folder = '', from = '0', to = '0'] = process.argv.slice(2);
const logger = { debug() {}, info() {}, warn: console.error, error: console.error };
const config = parseConfig({ DATA_DIR: folder });
const parts = openFolder(config, 'server', logger);
const simulator = await openSimulator(config, parts, () => 'http://127.0.0.1');
const { accept } = useCases(config, parts, [simulator]);
const { store, queue, clock, ids, timers, anchor, auditFolder } = parts;
const log = await openFilesAuditLog({ folder: auditFolder, anchor, timers, logger });
const psp = createAskPsp({ connectors: [simulator], clock, ids, timers, logger, pspTimeoutMs: 10_000 });
const worker = createWorker({ store, queue, psp, clock, logger, onLateSuccess() {} });
const relay = createRelay({ feed: store, queue });
const audit = createAudit({ feed: store, log });

/** Payments taken before the steps catch up with them. */
const ROUND = 1_000;
const partition = { merchant_id: 'demo', livemode: false };
for (let first = Number(from); first < Number(to); first += ROUND) {
  const round = Array.from({ length: Math.min(ROUND, Number(to) - first) }, (_, i) => `f${first + i}`);
  const fields = (payment_id: string) => ({ payment_id, amount: 1000 });
  await Promise.all(
    round.map((id) => accept({ partition, fields: fields(id), idempotencyKey: undefined, actor: 'bench' })),
  );
  while ((await relay.step()) > 0);
  while ((await worker.step()) > 0);
  while ((await audit.step()) > 0);
}
await log.close();
await simulator.close();
await parts.database.close();
process.stdout.write('{}\n');
