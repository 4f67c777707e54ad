/** The tables, as data: for the adapter, for the tests that create them, and for the stack that deploys them. */

/** Payments and API keys. Every write is one conditional put of one item; its stream is the change feed. */
export const PAYMENTS_TABLE = {
  partitionKey: 'pk',
  /** One index answers a merchant's lists and the sweep's question: a second one would double what a write costs. */
  index: {
    name: 'status-index',
    partitionKey: 'index_pk',
    sortKey: 'index_sk',
    include: ['status', 'due_at'],
  },
  /** A payment's record, packed: what has this attribute is a payment. */
  recordAttribute: 'record',
  /** Epoch seconds. Only settled payments carry it, and only where hot retention is on. */
  ttlAttribute: 'expires_at',
} as const;

/** The audit log's head and the dead letters: kept apart, since a write to `payments` would wake the audit again. */
export const CONTROL_TABLE = { partitionKey: 'pk', sortKey: 'sk' } as const;

/** What the simulated PSP remembers. Deployed in development only. */
export const SIMULATOR_TABLE = { partitionKey: 'pk' } as const;
