import { copyFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openDatabase } from '../../src/adapters/sqlite/database.ts';
import { createSqlitePaymentStore } from '../../src/adapters/sqlite/sqlite-payment-store.ts';
import { referenceOf, slotOf } from '../../src/connectors/simulator/references.ts';
import type { SimulatedOperation } from '../../src/connectors/simulator/simulator-storage.ts';
import { createSqliteStorage } from '../../src/connectors/simulator/sqlite-storage.ts';
import { aNewPayment, answered, NOW_MS, RESULTS } from '../../src/domain/payment.fixture.ts';
import { FILES } from '../../src/wiring.ts';
import type { CommittedState, TornSubject } from './torn-log.ts';

/** Every row of every table. */
function everything(connection: DatabaseSync): string {
  const tables = connection
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")
    .all();
  return JSON.stringify(tables.map(({ name }) => connection.prepare(`SELECT * FROM ${name}`).all()));
}

/** Keeps the files as they are while their process has them open: a crash would leave just that. */
function keep(path: string): string {
  const kept = `${path}.crashed`;
  for (const end of ['', '-wal']) copyFileSync(path + end, kept + end);
  return kept;
}

/** Payments and their changes, through the real store: several to a commit. */
export async function tornPayments(folder: string, commitCount: number): Promise<TornSubject> {
  const path = join(folder, FILES.database);
  const database = openDatabase({ path, sync: 'pipelined', migrate: true });
  const store = createSqlitePaymentStore(database, []);
  const commits: CommittedState[] = [];
  const note = () => {
    commits.push({ logBytes: statSync(`${path}-wal`).size, state: everything(database.connection) });
  };
  // What came before the first commit need not be cut: it belongs to the making of the file.
  database.connection.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  note();
  for (let n = 0; n < commitCount; n++) {
    const group = Array.from({ length: 1 + (n % 3) }, (_, i) => aNewPayment({ payment_id: `p${n}-${i}` }));
    await Promise.all(group.map((payment) => store.create(payment)));
    note();
    const [first] = group;
    if (first && n % 2 === 0) {
      await store.update(answered(first, RESULTS.succeeded));
      note();
    }
  }
  const kept = keep(path);
  await database.close();
  return { name: 'payments', path: kept, commits, read: everything, problems: withoutFeedRecord };
}

/** Invariant 8: a payment has all its changes, and a change its payment. */
function withoutFeedRecord(connection: DatabaseSync): string[] {
  const rows = connection.prepare('SELECT payment_id, version FROM payments').all();
  const changes = connection.prepare('SELECT record FROM changes ORDER BY seq').all();
  const fed = new Map<string, number>();
  for (const { record } of changes) {
    const { payment_id, history } = JSON.parse(String(record)) as { payment_id: string; history: unknown[] };
    if (history.length === (fed.get(payment_id) ?? 0) + 1) fed.set(payment_id, history.length);
  }
  const lacking = rows.filter(({ payment_id, version }) => fed.get(String(payment_id)) !== version);
  return [
    ...lacking.map(
      ({ payment_id, version }) => `${payment_id} has version ${version}, and the feed does not`,
    ),
    ...(fed.size > rows.length ? ['the feed has a payment that is not there'] : []),
  ];
}

/** What the PSP simulator remembers, through its own storage. */
export async function tornSimulator(folder: string, commitCount: number): Promise<TornSubject> {
  const path = join(folder, FILES.simulator);
  const storage = createSqliteStorage(path);
  const reader = new DatabaseSync(path);
  const commits: CommittedState[] = [];
  const note = () => commits.push({ logBytes: statSync(`${path}-wal`).size, state: everything(reader) });
  reader.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  note();
  for (let n = 0; n < commitCount; n++) {
    const operation = anExecuted(`key-${n}`);
    await storage.within(operation.request.idempotency_key, (memory) => {
      const { idempotency_key: key } = operation.request;
      memory.countAttempt(key);
      memory.insert(operation);
      memory.addEvent({ event_id: `evt_${n}`, key, attempts: 0, next_at_ms: n });
    });
    note();
  }
  const kept = keep(path);
  reader.close();
  storage.close();
  return { name: 'simulator', path: kept, commits, read: everything, problems: () => [] };
}

function anExecuted(key: string): SimulatedOperation {
  const payment = aNewPayment({ payment_id: key });
  return {
    request: {
      idempotency_key: key,
      kind: 'charge',
      amount: payment.amount,
      currency: payment.currency,
      payment_method: 'pm_card_visa',
      return_url: null,
      original_reference: null,
      original_key: key,
      merchant_id: payment.merchant_id,
      livemode: false,
      payment_id: key,
      operation_id: 'charge.1',
    },
    reference: referenceOf('charge', slotOf(key)),
    outcome: 'succeeded',
    failure: null,
    challenge: null,
    executed_at_ms: NOW_MS,
    settled_at_ms: NOW_MS,
    captured: payment.amount,
    refunded: 0,
    released: null,
  };
}
