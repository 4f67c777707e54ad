import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PaymentJson, type RunningService, startService } from './service.fixture.ts';

interface Page {
  data: PaymentJson[];
  has_more: boolean;
  next_cursor: string | null;
}

const COUNT = 25;
let service: RunningService;
/** Newest first, as they were made. */
let made: PaymentJson[];

beforeAll(async () => {
  service = await startService();
  const all: PaymentJson[] = [];
  for (let n = 0; n < COUNT; n += 1) {
    const fields = n % 5 === 0 ? { payment_method: 'pm_card_chargeDeclined' } : {};
    all.push((await service.pay({ payment_id: `p${n}`, ...fields })).json);
  }
  made = all.toSorted(newestFirst);
});
afterAll(() => service.stop());

function newestFirst(a: PaymentJson, b: PaymentJson): number {
  if (a.created_at !== b.created_at) return a.created_at < b.created_at ? 1 : -1;
  return a.payment_id < b.payment_id ? 1 : -1;
}

async function list(query: string, key = service.key): Promise<Page> {
  const { status, json } = await service.call<Page>('GET', `/payments${query && `?${query}`}`, { key });
  expect([status, json.has_more]).toEqual([200, json.next_cursor !== null]);
  return json;
}

async function listAll(query: string): Promise<PaymentJson[]> {
  const all: PaymentJson[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const page: Page = await list(`${query}${cursor && `&cursor=${cursor}`}`);
    all.push(...page.data);
    cursor = page.next_cursor;
  }
  return all;
}

async function codeOf(query: string, key = service.key): Promise<unknown> {
  const { status, json } = await service.call('GET', `/payments?${query}`, { key });
  return status === 200 ? 'taken' : [json.code, (json.errors as { pointer: string }[])[0]?.pointer];
}

const REFUSED = ['invalid_request', '?cursor'];

describe('GET /payments', () => {
  it('lists ten, newest first, each as GET of it', async () => {
    const { data, has_more } = await list('');
    expect([data, has_more]).toEqual([made.slice(0, 10), true]);
    expect(data[3]).toEqual((await service.get(data[3]?.payment_id as string)).json);
  });

  it.each([1, 2, 7, 24, 25, 26, 100])('gives every payment once, in pages of %i', async (limit) => {
    expect(await listAll(`limit=${limit}`)).toEqual(made);
  });

  it('has no further page behind one that is exactly full', async () => {
    expect((await list(`limit=${COUNT}`)).next_cursor).toBeNull();
  });

  it('filters by status, in pages', async () => {
    const failed = made.filter(({ status }) => status === 'failed');
    expect(failed).toHaveLength(5);
    expect(await listAll('status=failed&limit=2')).toEqual(failed);
    expect((await list('status=canceled')).data).toEqual([]);
  });

  it('bounds by time, both bounds excluded, in any offset', async () => {
    const after = made[20] as PaymentJson;
    const before = made[4] as PaymentJson;
    const between = made.filter((p) => p.created_at > after.created_at && p.created_at < before.created_at);
    const query = `created_after=${after.created_at}&created_before=${before.created_at}`;
    expect(await listAll(`${query}&limit=4`)).toEqual(between);
    const elsewhere = new Date(Date.parse(after.created_at) + 3_600_000)
      .toISOString()
      .replace('Z', '%2B01:00');
    expect((await list(`created_after=${elsewhere}&limit=100`)).data.at(-1)).toEqual(
      made.slice(0, 20).at(-1),
    );
    expect(
      (await list(`created_after=${before.created_at}&created_before=${after.created_at}`)).data,
    ).toEqual([]);
  });

  it('compares times finer than a millisecond as they are', async () => {
    const { created_at, payment_id } = made[10] as PaymentJson;
    const finer = created_at.replace('Z', '999Z');
    const ids = async (query: string) => (await list(query)).data.map((payment) => payment.payment_id);
    expect(await ids(`created_before=${finer}&limit=1`)).toEqual([
      made.find((p) => p.created_at === created_at)?.payment_id,
    ]);
    expect(await ids(`created_after=${finer}&limit=100`)).not.toContain(payment_id);
  });

  it('goes on where it was while payments are made: no page repeats one', async () => {
    const first = await list('limit=5');
    await service.pay({ payment_id: 'late' });
    const next = await list(`limit=5&cursor=${first.next_cursor}`);
    expect(next.data).toEqual(made.slice(5, 10));
    expect((await list('limit=1')).data[0]?.payment_id).toBe('late');
  });

  it('takes another limit with the same cursor', async () => {
    const { next_cursor } = await list('limit=5&created_before=2999-01-01T00:00:00Z');
    const { data } = await list(`limit=2&created_before=2999-01-01T00:00:00Z&cursor=${next_cursor}`);
    expect(data).toHaveLength(2);
  });
});

describe('a cursor is refused', () => {
  it('when one character of it is changed, left out or added, wherever it is', async () => {
    const cursor = (await list('limit=1')).next_cursor as string;
    expect(await codeOf(`cursor=${cursor}`)).toBe('taken');
    for (let at = 0; at < cursor.length; at += 1) {
      const other = cursor[at] === 'A' ? 'B' : 'A';
      expect(await codeOf(`cursor=${cursor.slice(0, at)}${other}${cursor.slice(at + 1)}`)).toEqual(REFUSED);
    }
    for (const edited of [
      cursor.slice(1),
      cursor.slice(0, -1),
      `${cursor}A`,
      `${cursor}=`,
      cursor.repeat(2),
    ]) {
      expect(await codeOf(`cursor=${edited}`)).toEqual(REFUSED);
    }
    expect(await codeOf(`cursor=${'A'.repeat(1_001)}`)).toEqual(REFUSED);
  });

  it('with another filter than it was made for', async () => {
    const plain = (await list('limit=1')).next_cursor;
    const failed = (await list('limit=1&status=failed')).next_cursor;
    const bounded = (await list('limit=1&created_after=2020-01-01T00:00:00Z')).next_cursor;
    for (const query of [
      `status=failed&cursor=${plain}`,
      `created_after=2020-01-01T00:00:00Z&cursor=${plain}`,
      `cursor=${failed}`,
      `status=completed&cursor=${failed}`,
      `created_before=2020-01-01T00:00:00Z&cursor=${bounded}`,
      `created_after=2020-01-01T00:00:00.001Z&cursor=${bounded}`,
    ]) {
      expect(await codeOf(query)).toEqual(REFUSED);
    }
    expect(await codeOf(`created_after=2020-01-01T00:00:00.000Z&cursor=${bounded}`)).toBe('taken');
  });

  it('from another merchant, and from the other mode of the same one', async () => {
    const cursor = (await list('limit=1')).next_cursor;
    const other = await service.makeKey({ merchant: 'other' });
    await service.pay({}, { key: other });
    expect(await codeOf(`cursor=${cursor}`, other)).toEqual(REFUSED);
    expect(await codeOf(`cursor=${cursor}`, await service.makeKey({ livemode: true }))).toEqual(REFUSED);
    expect(await codeOf(`cursor=${cursor}`, await service.makeKey())).toBe('taken');
  });

  it('from another service', async () => {
    const elsewhere = await startService();
    for (const payment_id of ['a', 'b']) await elsewhere.pay({ payment_id });
    const { json } = await elsewhere.call<Page>('GET', '/payments?limit=1');
    expect(await codeOf(`cursor=${json.next_cursor}`)).toEqual(REFUSED);
    await elsewhere.stop();
  });
});
