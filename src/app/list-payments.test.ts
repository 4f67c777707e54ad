import { describe, expect, it } from 'vitest';
import { createWorld, MERCHANT, type World } from './app.fixture.ts';
import { createListPayments, type ListRequest } from './list-payments.ts';

const secrets = {
  cursorKeys: async () => ['new', 'old'],
  callbackSecret: async () => 'whsec_',
};

async function withPayments(count: number): Promise<World> {
  const world = createWorld();
  for (let n = 1; n <= count; n++) {
    await world.pay({ payment_id: `p${n}` });
    world.clock.advance(1_000);
  }
  return world;
}

function lister(world: World) {
  const list = createListPayments({ store: world.store, secrets });
  return async (given: Partial<ListRequest> = {}) => {
    const listed = await list({ partition: MERCHANT, limit: 2, ...given });
    if ('refused' in listed) return listed;
    return { ids: listed.payments.map(({ payment_id }) => payment_id), cursor: listed.next_cursor };
  };
}

describe('listing payments', () => {
  it('pages from the newest to the oldest, and ends', async () => {
    const list = lister(await withPayments(5));
    const pages: string[][] = [];
    let cursor: string | undefined;
    for (;;) {
      const page = await list({ cursor });
      if ('refused' in page) throw new Error('refused');
      pages.push(page.ids);
      if (page.cursor === null) break;
      cursor = page.cursor;
    }
    expect(pages).toEqual([['p5', 'p4'], ['p3', 'p2'], ['p1']]);
  });

  it.each([
    [0, []],
    [2, ['p2', 'p1']],
  ])('has no next page where there is no more: %i payments', async (count, ids) => {
    const list = lister(await withPayments(count));
    expect(await list()).toEqual({ ids, cursor: null });
  });

  it('filters by status and by exclusive bounds', async () => {
    const world = await withPayments(3);
    await world.drain();
    await world.pay({ payment_id: 'p4' });
    const list = lister(world);
    expect(await list({ status: 'processing' })).toEqual({ ids: ['p4'], cursor: null });
    const { created_at } = await world.get('p2');
    expect(await list({ created_after: created_at, limit: 10 })).toMatchObject({ ids: ['p4', 'p3'] });
    expect(await list({ created_before: created_at, limit: 10 })).toMatchObject({ ids: ['p1'] });
  });

  it('takes a cursor for the list that gave it, and for no other', async () => {
    const world = await withPayments(3);
    const list = lister(world);
    const page = await list();
    const cursor = 'cursor' in page ? (page.cursor as string) : '';
    expect(await list({ cursor, limit: 1 })).toEqual({ ids: ['p1'], cursor: null });
    const refused = { refused: 'invalid_cursor' };
    expect(await list({ cursor, status: 'completed' })).toEqual(refused);
    expect(await list({ cursor, partition: { ...MERCHANT, merchant_id: 'm_2' } })).toEqual(refused);
    expect(await list({ cursor, partition: { ...MERCHANT, livemode: true } })).toEqual(refused);
    for (const forged of ['', 'x', `${cursor}A`, cursor.slice(1)])
      expect(await list({ cursor: forged })).toEqual(refused);
  });

  it('asks for fresh keys before it refuses a cursor, and for none if it knows the key', async () => {
    const world = await withPayments(3);
    const asked: (boolean | undefined)[] = [];
    let keys = ['new', 'old'];
    const list = createListPayments({
      store: world.store,
      secrets: {
        ...secrets,
        async cursorKeys({ fresh } = {}) {
          asked.push(fresh);
          return fresh ? ['newest', ...keys] : keys;
        },
      },
    });
    const request = { partition: MERCHANT, limit: 2 };
    const signedBy = async (key: string) => {
      const cursorKeys = async () => [key];
      const elsewhere = createListPayments({ store: world.store, secrets: { ...secrets, cursorKeys } });
      const listed = await elsewhere(request);
      return 'refused' in listed ? undefined : (listed.next_cursor ?? undefined);
    };
    const known = await signedBy('old');
    expect(await list({ ...request, cursor: known })).toHaveProperty('payments');
    expect(asked).toEqual([undefined]);
    const rotated = await signedBy('newest');
    expect(await list({ ...request, cursor: rotated })).toHaveProperty('payments');
    expect(asked).toEqual([undefined, undefined, true]);
    keys = ['new'];
    expect(await list({ ...request, cursor: known })).toEqual({ refused: 'invalid_cursor' });
    expect(asked.slice(3)).toEqual([undefined, true]);
  });
});
