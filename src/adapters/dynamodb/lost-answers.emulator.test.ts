import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type DynamoDbLocal,
  javaMissing,
  startDynamoDbLocal,
} from '../../../test/emulators/dynamodb-local.ts';
import type { Payment } from '../../domain/payment.ts';
import type { ChangeSignal } from '../../ports/change-feed.ts';
import { LIVES, newPayment, refundAsked } from '../../ports/payment-store.fixture.ts';
import type { PaymentStore } from '../../ports/payment-store.ts';
import { createSystemTimers } from '../system/system-timers.ts';
import { createDynamoAuditHeads } from './dynamo-audit-heads.ts';
import { createDynamoDeadLetters } from './dynamo-dead-letters.ts';
import { createDynamoKeyStore } from './dynamo-key-store.ts';
import { createDynamoPaymentStore } from './dynamo-payment-store.ts';
import { timedOut } from './scripted-client.fixture.ts';

const timers = createSystemTimers();

interface Losses {
  /** Answers still to be lost: each request is carried out all the same. */
  left: number;
  /** Called after a loss, before the SDK repeats the request. */
  meanwhile: () => Promise<unknown>;
  sent: number;
}

/** Loses answers between the emulator and the SDK's retries, as a network does. */
function losing(client: DynamoDBClient): Losses {
  const losses: Losses = { left: 0, meanwhile: async () => undefined, sent: 0 };
  client.middlewareStack.add(
    (next) => async (args) => {
      losses.sent += 1;
      const lost = losses.left > 0;
      if (lost) losses.left -= 1;
      const answer = await next(args).catch((error: unknown) => {
        if (lost) return undefined;
        throw error;
      });
      if (answer === undefined || lost) {
        await losses.meanwhile();
        throw timedOut();
      }
      return answer;
    },
    { step: 'deserialize', priority: 'low', name: 'losesAnswers' },
  );
  return losses;
}

describe.skipIf(javaMissing)('an answer that is lost on DynamoDB Local', () => {
  let local: DynamoDbLocal;
  let client: DynamoDBClient;
  let losses: Losses;
  let tableName: string;
  let controlTable: string;
  let store: PaymentStore & ChangeSignal;
  /** Another process: its requests are not disturbed. */
  let other: PaymentStore;

  beforeAll(async () => {
    local = await startDynamoDbLocal();
  }, 90_000);
  afterAll(() => local.stop());

  beforeEach(async () => {
    ({ payments: tableName, control: controlTable } = await local.createTables());
    client = local.client({ maxAttempts: 3 });
    losses = losing(client);
    store = createDynamoPaymentStore({ client, tableName, timers });
    other = createDynamoPaymentStore({ client: local.client(), tableName, timers });
  });

  const [first, second] = LIVES.completed() as [Payment, Payment];

  it.each([1, 2])('does not make a create its own rival, lost %i times', async (times) => {
    losses.left = times;
    expect(await store.create(first)).toEqual({ created: true });
    expect(losses.sent).toBe(times + 1);
    expect(await store.get(first)).toEqual(first);
  });

  it.each([1, 2])('does not make an update its own rival, lost %i times', async (times) => {
    await store.create(first);
    losses.left = times;
    expect(await store.update(second)).toBe(true);
    expect(await store.get(first)).toEqual(second);
  });

  it('is told of by the signal once', async () => {
    const heard: Payment[] = [];
    store.onChange((payment) => heard.push(payment));
    losses.left = 1;
    await store.create(first);
    losses.left = 1;
    await store.update(second);
    expect(heard).toEqual([first, second]);
  });

  it('survives whatever a payment holds', async () => {
    const payment = newPayment({
      description: '\ud83e half a pair, 👩‍👩‍👧 a family, \u0000',
      metadata: { b: '', a: 'x', 'e\u0301': '1', '\u00e9': '2' },
      amount: 999_999_999_999,
    });
    losses.left = 1;
    expect(await store.create(payment)).toEqual({ created: true });
  });

  it('does not claim a create that another one won', async () => {
    const rival = newPayment({ description: 'rival' });
    await other.create(rival);
    losses.left = 1;
    expect(await store.create(first)).toEqual({ created: false, existing: rival });
  });

  it('does not claim an update that another one won', async () => {
    await store.create(first);
    const rival = LIVES.failed()[1] as Payment;
    await other.update(rival);
    losses.left = 1;
    expect(await store.update(second)).toBe(false);
    expect(await store.get(first)).toEqual(rival);
  });

  it('answers what came of the payment where others have gone on from it', async () => {
    losses.left = 1;
    losses.meanwhile = () => other.update(second);
    expect(await store.create(first)).toEqual({ created: false, existing: second });
    const [third, fourth] = [
      refundAsked(second, 'r1', 1),
      refundAsked(refundAsked(second, 'r1', 1), 'r2', 1),
    ];
    losses.left = 1;
    losses.meanwhile = () => other.update(fourth);
    // Whoever is told false reads again, and finds its own refund there.
    expect(await store.update(third)).toBe(false);
    expect(await store.get(first)).toEqual(fourth);
  });

  it('does not make two equal writers both the one who wrote', async () => {
    const both = await Promise.all([store.create(first), other.create(first)]);
    expect(both.filter(({ created }) => created)).toHaveLength(1);
    const updated = await Promise.all([store.update(second), other.update(second)]);
    expect(updated.filter(Boolean)).toHaveLength(1);
  });

  it('lost each time leaves a fault, and asking again tells', async () => {
    losses.left = 3;
    await expect(store.create(first)).rejects.toThrow('creating a payment failed: TimeoutError');
    expect(await store.create(first)).toEqual({ created: false, existing: first });
  });

  it('does not make an API key its own rival, nor its revocation', async () => {
    const keys = createDynamoKeyStore({ client, tableName, timers });
    const key = {
      key_id: 'k1',
      merchant_id: 'm_1',
      livemode: false,
      scopes: [],
      secret_hash: '',
      created_at: first.created_at,
      expires_at: null,
      revoked_at: null,
    };
    losses.left = 1;
    await keys.put(key);
    losses.left = 2;
    expect(await keys.revoke('k1', second.updated_at)).toBe(true);
    expect((await keys.get('k1'))?.revoked_at).toBe(second.updated_at);
  });

  it("does not make a move of the audit log's head its own rival", async () => {
    const heads = createDynamoAuditHeads({ client, tableName: controlTable });
    const [from, to] = [await heads.load(), { records: 1, hash: 'a'.repeat(64), object: 1 }];
    losses.left = 1;
    expect(await heads.move(from, to)).toBe(true);
    losses.left = 1;
    expect(await heads.move(to, { records: 2, hash: 'b'.repeat(64), object: 2 })).toBe(true);
  });

  it('does not hide that a dead letter was removed', async () => {
    const letters = createDynamoDeadLetters({ client, tableName: controlTable, clock: { now: () => 0 } });
    losses.left = 1;
    await letters.put({ ...first, operation_id: 'charge.1', attempt: 0 }, 'why');
    const [letter] = await letters.list(10);
    losses.left = 1;
    expect(await letters.remove({ id: letter?.id ?? '', puts: 1 })).toBe(true);
    expect(await letters.count()).toBe(0);
  });
});
