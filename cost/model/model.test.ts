import { describe, expect, it } from 'vitest';
import { unitsAt } from './ladder.ts';
import { loadOf } from './load.ts';
import { someFacts, someMeasured, someMix } from './model.fixture.ts';
import { billedSeconds, UnstatedWaitError } from './seconds.ts';
import { GIB, SECONDS_PER_MONTH } from './stated.ts';
import { usagesOf } from './usages.ts';

const MILLION = 1_000_000;

function load(paymentsPerMonth: number, given: { facts?: object; mix?: object; measured?: object } = {}) {
  return loadOf({
    facts: someFacts(given.facts),
    measured: someMeasured(given.measured),
    mix: someMix(given.mix),
    paymentsPerMonth,
  });
}

function usages(paymentsPerMonth: number, given: { facts?: object; mix?: object; measured?: object } = {}) {
  return usagesOf({
    reading: { facts: someFacts(given.facts), fixed: [], unknown: [] },
    measured: someMeasured(given.measured),
    mix: someMix(given.mix),
    paymentsPerMonth,
  });
}

function quantity(all: ReturnType<typeof usages>, what: string): number {
  const found = all.filter((usage) => usage.what === what);
  expect(found.map((usage) => usage.what)).toEqual([what]);
  return found[0]?.quantity as number;
}

describe('units between two metered steps', () => {
  const steps = [
    { size: 1, units: { a: 1 } },
    { size: 11, units: { a: 2, b: 10 } },
  ];

  it('are on the line between them, and on its slope beyond the last', () => {
    expect(unitsAt(steps, 6)).toEqual({ a: 1.5, b: 5 });
    expect(unitsAt(steps, 21)).toEqual({ a: 3, b: 20 });
  });

  it('are those of the first below it, and cannot be read where nothing was metered', () => {
    expect(unitsAt(steps, 0)).toEqual({ a: 1 });
    expect(() => unitsAt([], 1)).toThrow('npm run cost:meter');
  });
});

describe('the seconds that Lambda bills', () => {
  it('are processor time by the share of a core, and all waits', () => {
    // 512 MB are 512 / 1,769 of a core: 2 ms take 6.91 ms; three waits of 5 ms; the PSP twice.
    const units = { cpu_ms: 2, 'wait.dynamodb': 3, 'wait.psp': 2, 'sqs.SendMessage': 9 };
    expect(billedSeconds(units, 512, someMix())).toBeCloseTo(0.006_91 + 0.015 + 0.6, 5);
  });

  it('are the whole time-out where the PSP does not answer', () => {
    const units = { 'wait.psp': 1, 'psp.timeouts': 0.1 };
    expect(billedSeconds(units, 512, someMix())).toBeCloseTo(0.9 * 0.3 + 0.1 * 10, 9);
  });

  it('do not grow shorter with more memory than a core has', () => {
    expect(billedSeconds({ cpu_ms: 2 }, 3_008, someMix())).toBeCloseTo(0.002, 9);
  });

  it('cannot be told where the mix says nothing of a service that is waited for', () => {
    expect(() => billedSeconds({ 'wait.carrier-pigeon': 1 }, 512, someMix())).toThrow(UnstatedWaitError);
  });
});

describe('what a number of payments makes the parts do', () => {
  it('reads one record at a time where payments are rare, so a month of records is as many invocations', () => {
    const { relay } = load(1_000).invoked;
    expect(relay.invocations).toBeGreaterThan(999);
    expect(relay.invocations).toBeLessThanOrEqual(1_000);
  });

  it('gathers what comes within the window of a shard, up to a whole batch', () => {
    const { partitions, invoked } = load(100 * MILLION);
    const perShard = (100 * MILLION) / SECONDS_PER_MONTH / partitions;
    expect(invoked.relay.size).toBeCloseTo(1 + perShard * 1, 9);
    expect(invoked.audit.size).toBeCloseTo(1 + 2 * perShard * 300, 9);
    const full = load(100 * MILLION, { facts: { audit: { ...someFacts().audit, batchSize: 50 } } });
    expect(full.invoked.audit.size).toBe(50);
  });

  it('has a shard for each partition: four at first, then by the bytes that are kept', () => {
    expect(load(1_000).partitions).toBe(4);
    // 10 M × 12 × 1,000 bytes = 111.76 GiB, 7.5 in each.
    expect(load(10 * MILLION).partitions).toBe(15);
  });

  it('makes batches of the worker larger when all its executions are busy', () => {
    const { worker } = load(500 * MILLION).invoked;
    expect(worker.size).toBeGreaterThan(load(10 * MILLION).invoked.worker.size * 1.5);
    expect(worker.size).toBeLessThanOrEqual(10);
  });

  it('gives the fleet what its pollers get while its instances can take them, and functions the rest', () => {
    const fleet = { instances: 1, instanceType: 't4g.small', spot: false };
    const small = load(10 * MILLION, { facts: { fleet } });
    // One poller of the fleet beside five of Lambda.
    expect(small.fleet?.messages).toBeCloseTo((10 * MILLION) / 6, 3);
    expect(small.invoked.worker.invocations * small.invoked.worker.size).toBeCloseTo((50 * MILLION) / 6, 3);
    // 4 ms of 0.4 cores: 100 a second, 262.8 M a month.
    const large = load(2_000 * MILLION, { facts: { fleet } });
    expect(large.fleet?.messages).toBeCloseTo(262.8 * MILLION, 0);
  });

  it('has as many instances as the work needs where no function takes any', () => {
    const fleet = { instances: 1, instanceType: 't4g.small', spot: false };
    const worker = { ...someFacts().worker, enabled: false };
    const { fleet: taken, invoked } = load(1_000 * MILLION, { facts: { fleet, worker } });
    expect(taken).toMatchObject({ messages: 1_000 * MILLION, instances: 4 });
    expect(invoked.worker.invocations).toBe(0);
  });

  it('looks a key up once a minute while it is used, and seldom more often than it is used', () => {
    expect(load(10).keyLookups).toBeCloseTo(10, 1);
    expect(load(1_000 * MILLION).keyLookups).toBeCloseTo((20 * SECONDS_PER_MONTH) / 60, -4);
  });
});

describe('the usages of a month', () => {
  it('count a plain payment as five write units, on table and index', () => {
    const all = usages(10 * MILLION);
    expect(quantity(all, 'write units: payments')).toBeCloseTo(20 * MILLION, 0);
    expect(quantity(all, 'write units: payments/status-index')).toBeCloseTo(30 * MILLION, 0);
  });

  describe('of provisioned capacity', () => {
    const least = { table: { write: 22, read: 17 }, index: { write: 32, read: 5 } };
    const payments = {
      tableClass: 'STANDARD',
      billing: 'provisioned',
      restorable: true,
      capacity: { targetShare: 0.5, least },
    };
    const hours = (count: number, facts: object = {}) => {
      const all = usages(count, { facts: { payments: { ...payments, ...facts } } });
      return Object.fromEntries(
        all
          .filter(({ component, price }) => component === 'database' && /[wr]cu$/.test(price))
          .map((usage) => [usage.what, usage]),
      );
    };

    it('are by the hour: what is there at the least, while that is enough', () => {
      const { 'write capacity: payments': table, 'read capacity: payments/status-index': index } =
        hours(10_000);
      expect(table).toMatchObject({ price: 'ddb.wcu', quantity: 22 * 730, basis: 'template' });
      expect(index).toMatchObject({ price: 'ddb.rcu', quantity: 5 * 730, basis: 'template' });
    });

    it('are twice what is used where half of it may be, and of the index apart from the table', () => {
      const found = hours(1_000 * MILLION);
      // Two write units a payment on the table and three on the index, 2,628,000 seconds, 730 hours.
      const table = ((2 * 1_000 * MILLION) / 2_628_000 / 0.5) * 730;
      expect(found['write capacity: payments']).toMatchObject({ price: 'ddb.wcu', basis: 'metered' });
      expect(found['write capacity: payments']?.quantity).toBeCloseTo(table, 0);
      expect(found['write capacity: payments/status-index']?.quantity).toBeCloseTo(1.5 * table, 0);
      // Of keys alone, one lookup a minute for each of 20 at most; four units each sweep: the least is enough.
      expect(found['read capacity: payments']?.quantity).toBe(17 * 730);
      expect(found['read capacity: payments/status-index']?.quantity).toBe(5 * 730);
    });

    it('take the place of request units of payments, not of control', () => {
      const all = usages(10 * MILLION, { facts: { payments } });
      const requests = all.filter(({ price }) => /^ddb\.[wr]ru$/.test(price)).map(({ what }) => what);
      expect(requests).toEqual(['write units: control']);
    });

    it('are not counted where the reading says that they have no price, or that they are fixed', () => {
      expect(hours(10 * MILLION, { tableClass: 'STANDARD_INFREQUENT_ACCESS' })).toEqual({});
      expect(hours(10 * MILLION, { capacity: undefined })).toEqual({});
    });
  });

  it('are the same write units whoever does the work', () => {
    const fleet = { instances: 1, instanceType: 't4g.small', spot: false };
    const worker = { ...someFacts().worker, enabled: false };
    for (const facts of [{ fleet }, { fleet, worker }]) {
      const all = usages(10 * MILLION, { facts });
      expect(quantity(all, 'write units: payments/status-index')).toBeCloseTo(30 * MILLION, 0);
    }
  });

  it('keep twelve months of payments, and their index without recovery', () => {
    const all = usages(10 * MILLION);
    expect(quantity(all, 'storage: payments of 12 months')).toBeCloseTo((120 * MILLION * 1_000) / GIB, 6);
    expect(quantity(all, 'storage: their index')).toBeCloseTo((120 * MILLION * 200) / GIB, 6);
    expect(quantity(all, 'point-in-time recovery')).toBeCloseTo((120 * MILLION * 1_000) / GIB, 6);
  });

  it('hold the function for as long as creates wait for their outcome', () => {
    const seconds = (waitShare: number) =>
      quantity(usages(MILLION, { mix: { waitShare } }), 'GB-seconds: api');
    // A tenth of a million, 3 s each, 512 MB.
    expect(seconds(0.1) - seconds(0)).toBeCloseTo(150_000, -3);
  });

  it('send all of the PSP and of SQS through a NAT gateway, and pay an instance by no byte', () => {
    expect(quantity(usages(MILLION), 'through the NAT gateway')).toBeCloseTo((MILLION * 6_000) / GIB, 6);
    expect(usages(MILLION, { facts: { nat: 'instance' } }).map(({ price }) => price)).not.toContain('nat.gb');
  });

  it('pay at CloudFront for requests there, and for no authorizer', () => {
    const edge = { kind: 'cloudfront', edgeFunctions: 1, accessLogs: null };
    const all = usages(MILLION, { facts: { edge } });
    const prices = all.map(({ price }) => price);
    expect(prices).toEqual(expect.arrayContaining(['cf.https', 'cf.function', 'cf.dto', 'waf.request']));
    expect(prices).not.toContain('apigw.rest');
    expect(all.map(({ what }) => what)).not.toContain('requests: authorizer');
  });

  it('have the bodies of call-backs hashed at the edge, and of nothing else', () => {
    const edge = { kind: 'cloudfront', edgeFunctions: 1, accessLogs: 's3', callbackLambdaMb: 128 };
    const requestsPerPayment = { ...someMeasured().requestsPerPayment, callback: 0.03 };
    const all = usages(MILLION, { facts: { edge }, measured: { requestsPerPayment } });
    expect(quantity(all, 'bodies of call-backs hashed: requests')).toBeCloseTo(30_000, 6);
    // 30,000 × 5 ms × 1/8 GB
    expect(quantity(all, 'bodies of call-backs hashed: GB-seconds')).toBeCloseTo(18.75, 6);
    expect(quantity(all, 'access log of CloudFront, kept in S3')).toBeCloseTo(
      (1.03 * MILLION * 60 * 12) / GIB,
      6,
    );
  });

  it('trace at most the first of each second and a twentieth of the others', () => {
    const traced = { ...someFacts().functions, relay: { ...someFacts().functions.relay, traced: true } };
    const all = usages(10 * MILLION, { facts: { functions: traced } });
    const { invocations } = load(10 * MILLION).invoked.relay;
    const count = quantity(all, 'traces: relay');
    expect(count).toBeLessThan(SECONDS_PER_MONTH + invocations * 0.05);
    expect(count).toBeLessThan(invocations);
    expect(count).toBeGreaterThan(invocations * 0.05);
  });

  it('count copies of the table as it was when they were made', () => {
    const backups = { perMonth: 1, keptDays: 365, coldAfterDays: null };
    // Twelve copies: of 12, 11, … 1 months: 6.5 tables.
    const all = usages(10 * MILLION, { facts: { backups } });
    const gib = (120 * MILLION * 1_000) / GIB;
    expect(quantity(all, 'copies, warm') / gib).toBeCloseTo(6.5, 2);
  });

  it('charge for 90 days of cold storage at least', () => {
    const backups = { perMonth: 1, keptDays: 8, coldAfterDays: 7 };
    const all = usages(10 * MILLION, { facts: { backups } });
    const gib = (120 * MILLION * 1_000) / GIB;
    // Copies of up to 97 days: a little less than three whole tables.
    expect(quantity(all, 'copies, cold') / gib).toBeGreaterThan(2.5);
    expect(quantity(all, 'copies, warm') / gib).toBeCloseTo(7 / (730 / 24), 6);
  });

  it('say how each quantity came about, and none is negative or not a number', () => {
    for (const { quantity: much, derivation, what } of usages(10 * MILLION)) {
      expect(Number.isFinite(much) && much >= 0, what).toBe(true);
      expect(derivation, what).not.toMatch(/^$|NaN|undefined/);
    }
  });

  it('refuse a request of S3 that has no price', () => {
    const measured = { audit: [{ size: 1, units: { 's3.SelectObjectContent': 1 } }] };
    expect(() => usages(MILLION, { measured })).toThrow('SelectObjectContent');
  });
});
