import { describe, expect, it } from 'vitest';
import type { Payment } from '../../domain/payment.ts';
import { UnavailableError } from '../../ports/faults.ts';
import { newPayment } from '../../ports/payment-store.fixture.ts';
import { scanPayments } from './dynamo-payment-scan.ts';
import { toPaymentItem } from './payment-item.ts';
import {
  broken,
  createScriptedClient,
  ok,
  refused,
  type ScriptedAnswer,
  type ScriptedRequest,
} from './scripted-client.fixture.ts';

const [one, two] = ['one', 'two'].map((payment_id) => newPayment({ payment_id })) as [Payment, Payment];

function page(found: readonly Payment[], next?: string, units = 256): ScriptedAnswer {
  return ok({
    Items: found.map((payment) => toPaymentItem(payment, 0)),
    ConsumedCapacity: { TableName: 'payments', CapacityUnits: units },
    ...(next && { LastEvaluatedKey: { pk: { S: next } } }),
  });
}

/** Scans a script of a table. Pauses end at once, and are noted. */
function start(answer: (request: ScriptedRequest, n: number) => ScriptedAnswer) {
  const pausesMs: number[] = [];
  const { client, requests } = createScriptedClient(answer, { maxAttempts: 1 });
  const timers = { sleep: async (ms: number) => void pausesMs.push(ms) };
  async function scan(): Promise<Payment[]> {
    const found: Payment[] = [];
    for await (const payment of scanPayments({ client, tableName: 'payments', timers })) found.push(payment);
    return found;
  }
  return { scan, requests, pausesMs };
}

describe('a scan of the payments', () => {
  it('goes on after the last key of each page, empty ones too, until there is none', async () => {
    const pages = [page([one], 'a'), page([], 'b'), page([two])];
    const { scan, requests } = start((_, n) => pages[n - 1] as ScriptedAnswer);
    expect(await scan()).toEqual([one, two]);
    const starts = requests.map(({ input }) => input.ExclusiveStartKey);
    expect(starts).toEqual([undefined, { pk: { S: 'a' } }, { pk: { S: 'b' } }]);
    expect(requests.every(({ operation, input }) => operation === 'Scan' && input.ConsistentRead)).toBe(true);
  });

  it('pauses between pages for as long as what they cost should take, and not after the last one', async () => {
    const pages = [page([], 'a', 1_500), page([], 'b', 128.5), page([], undefined, 1_500)];
    const { scan, pausesMs } = start((_, n) => pages[n - 1] as ScriptedAnswer);
    await scan();
    expect(pausesMs).toEqual([1_000, 86]);
  });

  it('asks again for a page that was not answered, after growing pauses', async () => {
    const pages = [page([one], 'a', 0), broken('ECONNRESET'), refused('ThrottlingException'), page([two])];
    const { scan, requests, pausesMs } = start((_, n) => pages[n - 1] as ScriptedAnswer);
    expect(await scan()).toEqual([one, two]);
    expect(pausesMs).toEqual([0, 1_000, 2_000]);
    expect(requests.slice(1).map(({ input }) => input.ExclusiveStartKey)).toEqual(
      Array(3).fill({ pk: { S: 'a' } }),
    );
  });

  it('gives up a page that is never answered', async () => {
    const { scan, requests } = start((_, n) => (n === 1 ? page([one], 'a', 0) : broken('ECONNRESET')));
    await expect(scan()).rejects.toThrow(UnavailableError);
    expect(requests).toHaveLength(7);
  });

  it('does not begin where it may not read, and asks no second time', async () => {
    const { scan, requests } = start(() => refused('AccessDeniedException'));
    await expect(scan()).rejects.toThrow('reading all payments failed: AccessDeniedException');
    expect(requests).toHaveLength(1);
  });

  it('does not repeat what is a mistake', async () => {
    const { scan, requests } = start((_, n) => (n === 1 ? page([], 'a', 0) : refused('ValidationException')));
    await expect(scan()).rejects.toThrow('No.');
    expect(requests).toHaveLength(2);
  });

  it('names an item that cannot be read', async () => {
    const item = { ...toPaymentItem(one, 0), record: { B: Buffer.of(9) } };
    const { scan } = start(() => ok({ Items: [item] }));
    await expect(scan()).rejects.toThrow(
      'The item test#m_1#one of the table is no payment that can be read.',
    );
  });
});
