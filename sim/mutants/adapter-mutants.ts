import type { Mutant } from './mutant.ts';

/** Faults in what keeps and hands on. */
export const ADAPTER_MUTANTS: readonly Mutant[] = [
  {
    name: 'no-version-check',
    file: 'src/adapters/memory/memory-payment-store.ts',
    find: 'if (payments.get(paymentKey(next))?.version !== next.version - 1) return false;',
    replace: 'if (!payments.has(paymentKey(next))) return false;',
    why: 'of two writers who read the same version, the second overwrites the first',
  },
  {
    name: 'merchants-share-ids',
    file: 'src/adapters/memory/memory-payment-store.ts',
    find: 'return JSON.stringify([livemode, merchant_id]);',
    replace: 'return JSON.stringify([livemode, merchant_id.length > 99]);',
    why: 'the merchant is not a part of what a payment is stored under',
  },
  {
    name: 'change-without-feed',
    file: 'src/adapters/memory/memory-payment-store.ts',
    find: 'changes.push({ sequence',
    replace: 'if (payment.version !== 3) changes.push({ sequence',
    why: 'some changes never come into the feed',
  },
  {
    name: 'sqlite-no-version-check',
    file: 'src/adapters/sqlite/sqlite-payment-rows.ts',
    find: 'AND payment_id = ? AND version = ?`',
    replace: 'AND payment_id = ? AND version >= ? - 1`',
    why: 'the same in the database of the one machine',
    runtime: 'sqlite',
  },
  {
    name: 'sqlite-answers-before-sync',
    file: 'src/adapters/sqlite/group-commit.ts',
    find: 'if (!queued.durable) queued.resolve(value);',
    replace: 'if (!queued.durable || commits > 0) queued.resolve(value);',
    why: 'a write is told as durable before the disk has it, and a power cut takes it back',
    runtime: 'sqlite',
  },
  {
    name: 'dynamo-no-version-check',
    file: 'src/adapters/dynamodb/dynamo-payment-store.ts',
    find: "ConditionExpression: '#version = :before',",
    replace: "ConditionExpression: '#version = :before OR #version > :before',",
    why: 'the same in the table on AWS',
    runtime: 'aws',
  },
  {
    name: 'aws-audit-forgets-what-failed',
    file: 'src/lambda/audit-batch.ts',
    find: "'not audited; it is tried again');\n      return failedFrom(first);",
    replace: "'not audited; it is tried again');\n      return failedFrom(null);",
    why: 'the stream goes on past changes that the audit log could not take',
    runtime: 'aws',
  },
  {
    name: 'aws-failed-batch-thrown-away',
    file: 'src/lambda/recover-failed.ts',
    find: 'if (left.length > 0) {',
    replace: 'if (left.length > 10_000) {',
    why: 'a batch that fails again is removed from where it was kept aside',
    runtime: 'aws',
  },
];
