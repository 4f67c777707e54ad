import { describePaymentStore } from '../../ports/payment-store.contract.ts';
import { openTestDatabase } from './sqlite.fixture.ts';
import { createSqlitePaymentStore } from './sqlite-payment-store.ts';

const consumers = ['relay', 'audit'];

for (const sync of ['pipelined', 'full'] as const) {
  describePaymentStore(`the SQLite payment store, ${sync} sync`, async () => {
    const { database, remove } = openTestDatabase({ sync });
    const store = createSqlitePaymentStore(database, consumers);
    return { store, feed: store, signal: store, consumers, close: remove };
  });
}
