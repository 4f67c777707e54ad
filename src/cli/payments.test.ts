import { existsSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTestCli, type TestCli } from './cli.fixture.ts';

let cli: TestCli;
beforeEach(() => {
  cli = createTestCli();
});
afterEach(() => cli.remove());

const CREATE = 'payments create --amount 1000 --payment-id p1';

describe('payments create', () => {
  it('makes the folder, accepts one payment, and says that nobody serves', async () => {
    const ran = await cli.run(`${CREATE} --json`);
    expect([ran.exit, JSON.parse(ran.err).note]).toEqual([0, 'no_server']);
    expect(ran.json()).toMatchObject({
      merchant_id: 'demo',
      payment_id: 'p1',
      status: 'processing',
      amount: 1000,
      currency: 'usd',
      history: [{ version: 1, actor: 'operator' }],
    });
  });

  it('takes every field', async () => {
    const argv =
      'payments create --merchant shop --amount 5 --payment-id p1 --currency KWD --payment-method pm_card_amex --capture-method manual --description gift --metadata a=1 --metadata b=x=y --return-url https://shop.example/ --json';
    expect((await cli.run(argv)).json()).toMatchObject({
      merchant_id: 'shop',
      currency: 'kwd',
      payment_method: 'pm_card_amex',
      capture_method: 'manual',
      description: 'gift',
      metadata: { a: '1', b: 'x=y' },
    });
  });

  it('is safe to repeat, and refuses the same id for another payment', async () => {
    const first = await cli.run(`${CREATE} --json`);
    expect((await cli.run(`${CREATE} --json`)).out).toBe(first.out);
    const other = await cli.run('payments create --amount 999 --payment-id p1');
    expect([other.exit, other.out]).toEqual([1, '']);
    expect(other.err).toMatch(/^idempotency_mismatch: payment p1/);
  });

  it.each([
    ['--amount 0', /--amount: is 0/],
    ['--amount 10.50', /--amount: must be a whole number/],
    ['--amount -5', /--amount/],
    ['--amount 5 --currency xxx', /--currency: must be an ISO 4217/],
    ['--amount 5 --payment-id a/b', /--payment-id: must be 1 to 64/],
    ['--amount 5 --capture-method later', /--capture-method: must be automatic or manual/],
    ['--amount 5 --metadata nonsense', /name=value/],
    ['--amount 5 --from rows.csv', /not both/],
    ['--payment-id p1', /--amount is missing/],
    ['', /Give --amount/],
  ])('refuses "%s", and makes nothing', async (flags, why) => {
    const ran = await cli.run(`payments create ${flags}`.trim());
    expect([ran.exit, ran.out]).toEqual([2, '']);
    expect(ran.err).toMatch(why);
    expect(existsSync(cli.folder)).toBe(false);
  });

  it('refuses live payments, which the simulator never takes', async () => {
    const ran = await cli.run(`${CREATE} --mode live`);
    expect(ran.exit).toBe(1);
    expect(ran.err).toMatch(/^no_connector/);
  });

  it('finds a card number that is written over more than one argument value', async () => {
    const ran = await cli.runArgs([
      'payments',
      'create',
      '--amount',
      '5',
      '--description',
      'card 4242 4242 4242 4242',
    ]);
    expect(ran.exit).toBe(2);
    expect(ran.err).not.toMatch(/4242/);
  });
});

describe('payments show', () => {
  it('shows what was asked of the PSP, with money as people write it', async () => {
    await cli.run(CREATE);
    await cli.serveOnce();
    const { out, exit } = await cli.run('payments show p1');
    expect(exit).toBe(0);
    expect(out).toMatch(/^status +completed$/m);
    expect(out).toMatch(/^captured +10\.00 USD$/m);
    expect(out).toMatch(/^charge\.1 {3}charge {2}10\.00 USD {2}succeeded +1 /m);
    expect(out).toMatch(/^ +2 {2}\S+ +charge +charge\.1 +succeeded +completed +worker$/m);
  });

  it('shows no control characters of a merchant to a terminal', async () => {
    await cli.runArgs([
      'payments',
      'create',
      '--amount',
      '5',
      '--payment-id',
      'p1',
      '--description',
      'a\u001b[31mred\nb',
    ]);
    const { out } = await cli.run('payments show p1');
    expect(out).toMatch(/^description {2}a \[31mred b$/m);
  });

  it.each(['payments show p2', 'payments show p1 --merchant other', 'payments show p1 --mode live'])(
    '%s: is not found',
    async (argv) => {
      await cli.run(CREATE);
      const ran = await cli.run(argv);
      expect([ran.exit, ran.out]).toEqual([3, '']);
    },
  );
});

describe('payments list', () => {
  it('goes through the pages', async () => {
    for (const id of ['a', 'b', 'c']) await cli.run(`payments create --amount 5 --payment-id ${id}`);
    const first = (await cli.run('payments list --limit 2 --json')).json();
    expect(first).toMatchObject({ data: [{ payment_id: 'c' }, { payment_id: 'b' }], has_more: true });
    const next = await cli.run(`payments list --limit 2 --json --cursor ${first.next_cursor}`);
    expect(next.json()).toMatchObject({ data: [{ payment_id: 'a' }], has_more: false, next_cursor: null });
    const text = await cli.run('payments list --limit 2');
    expect(text.out).toMatch(/^c {8}processing {2}0\.05 USD/m);
    expect(text.out).toContain('More: --cursor ');
  });

  it('keeps to a status', async () => {
    await cli.run(CREATE);
    expect((await cli.run('payments list --status completed')).out).toBe('No payments.\n');
    expect((await cli.run('payments list --status processing --json')).json().data).toHaveLength(1);
  });

  it.each([
    ['--limit 0', /--limit|limit/],
    ['--status done', /status/],
    ['--cursor abc', /cursor/],
  ])('refuses %s', async (flags, why) => {
    await cli.run(CREATE);
    const ran = await cli.run(`payments list ${flags}`);
    expect(ran.exit).toBe(2);
    expect(ran.err).toMatch(why);
  });
});

describe('refund', () => {
  beforeEach(async () => {
    await cli.run(CREATE);
    await cli.serveOnce();
  });

  it('refunds part, then the rest, and repeats nothing', async () => {
    const part = await cli.run('refund p1 --amount 300 --reason broken --refund-id r1 --json');
    expect(part.json()).toMatchObject({ refund_id: 'r1', amount: 300, reason: 'broken', status: 'pending' });
    const again = await cli.run('refund p1 --amount 300 --reason broken --refund-id r1');
    expect(again.out).toMatch(/nothing new was asked/);
    expect((await cli.run('refund p1 --json')).json()).toMatchObject({ amount: 700 });
    await cli.serveOnce();
    expect((await cli.run('payments show p1 --json')).json()).toMatchObject({
      amount_refunded: 1000,
      amount_refundable: 0,
    });
  });

  it.each([
    ['p1 --amount 1001', 1, /^refund_exceeds_captured/],
    ['p2', 3, /no payment p2/],
    ['p1 --amount x', 2, /--amount/],
    ['p1 --refund-id r.1', 2, /--refund-id/],
  ])('refuses %s', async (flags, exit, why) => {
    const ran = await cli.run(`refund ${flags}`);
    expect([ran.exit, ran.out]).toEqual([exit, '']);
    expect(ran.err).toMatch(why);
  });

  it('refuses the id of a refund that was asked for with another amount', async () => {
    await cli.run('refund p1 --amount 300 --refund-id r1');
    const ran = await cli.run('refund p1 --amount 301 --refund-id r1');
    expect(ran.exit).toBe(1);
    expect(ran.err).toMatch(/^idempotency_mismatch/);
  });
});

describe('payments resolve', () => {
  const RESOLVE = 'payments resolve p1 --as succeeded --reason asked';

  it('settles the one operation that is unsettled, and names the operator and the reason', async () => {
    await cli.run(`${CREATE} --payment-method pm_sim_timeout`);
    await cli.serveOnce(10);
    const ran = await cli.run(`${RESOLVE} --json`);
    expect(ran.exit).toBe(0);
    expect(ran.json()).toMatchObject({ status: 'completed', amount_captured: 1000 });
    expect((ran.json().history as unknown[]).at(-1)).toMatchObject({
      kind: 'resolve',
      actor: 'operator',
      reason: 'asked',
    });
  });

  it('lists them where there are more, and settles the one that is named', async () => {
    await cli.run(`${CREATE}`);
    await cli.serveOnce();
    await cli.run('refund p1 --amount 1 --refund-id r1');
    await cli.run('refund p1 --amount 2 --refund-id r2');
    const asked = await cli.run(RESOLVE);
    expect([asked.exit, asked.out]).toEqual([1, '']);
    expect(asked.err).toMatch(/--operation:\n.*\nr1 .*0\.01 USD.*\nr2 .*0\.02 USD/);
    const named = await cli.run(`${RESOLVE} --operation r2 --json`);
    expect(named.json()).toMatchObject({ amount_refunded: 2 });
  });

  it.each([
    [RESOLVE, 1, /is settled: it is completed/],
    [`${RESOLVE} --operation nonsense`, 1, /has no operation/],
    [`${RESOLVE} --operation charge.1`, 1, /has succeeded already/],
    ['payments resolve p2 --as failed --reason why', 3, /no payment p2/],
    ['payments resolve p1 --as maybe --reason why', 2, /succeeded, failed/],
    ['payments resolve p1 --as failed', 2, /--reason/],
  ])('refuses %s', async (argv, exit, why) => {
    await cli.run(CREATE);
    await cli.serveOnce();
    const ran = await cli.run(argv);
    expect([ran.exit, ran.out]).toEqual([exit, '']);
    expect(ran.err).toMatch(why);
  });

  it('wants a reason that says something', async () => {
    const ran = await cli.runArgs(['payments', 'resolve', 'p1', '--as', 'failed', '--reason', ' ']);
    expect(ran.exit).toBe(2);
  });
});
