import { createDynamoPaymentStore } from '../../../src/adapters/dynamodb/dynamo-payment-store.ts';
import { createSeededIds } from '../../../src/adapters/memory/seeded-ids.ts';
import { createSystemTimers } from '../../../src/adapters/system/system-timers.ts';
import type { Payment } from '../../../src/domain/payment.ts';
import { sweepHandler } from '../../../src/wiring-aws/sweep.ts';
import type { MeteredCloud } from '../cloud/metered-cloud.ts';
import { type Meter, unmetered } from '../invocation.ts';
import type { Rung } from './climb.ts';
import type { Sample } from './play-round.ts';

const SEED = 11;
const AT_ONCE = 25;
/** As long as the function has. */
const TIME_MS = 120_000;
const COUNTED_PASSES = 2;
const TIMED_PASSES = 7;

interface Options {
  cloud: MeteredCloud;
  /** An authorized payment, whose like are open for days. */
  authorized: Payment;
  /** Numbers of open payments, rising. */
  sizes: readonly number[];
  counting: Meter;
  timing: Meter | null;
}

/**
 * Passes of the sweep over more and more payments that are open and not due, in a table of their own. Without the
 * simulator, whose call-backs the sweep delivers too: it is another company's system.
 */
export async function sweepOpenPayments({
  cloud,
  authorized,
  sizes,
  counting,
  timing,
}: Options): Promise<Rung[]> {
  const tables = await cloud.dynamo.createTables();
  const store = createDynamoPaymentStore({
    client: cloud.dynamo.client(),
    tableName: tables.payments,
    timers: createSystemTimers(),
  });
  const ids = createSeededIds(SEED);
  const sweep = await sweepHandler({
    ...cloud.config,
    TABLE_NAME: tables.payments,
    CONTROL_TABLE_NAME: tables.control,
    SIMULATOR_TABLE_NAME: '',
  });

  async function add(count: number): Promise<void> {
    for (let left = count; left > 0; left -= AT_ONCE) {
      const few = Array.from({ length: Math.min(AT_ONCE, left) }, () => ids.next('o').slice(0, 20));
      await Promise.all(few.map((payment_id) => store.create({ ...authorized, payment_id })));
    }
  }

  const pass = () => sweep({}, { getRemainingTimeInMillis: () => TIME_MS });
  const rungs: Rung[] = [];
  let open = 0;
  for (const size of sizes) {
    await add(size - open);
    open = size;
    // The first pass of an environment connects, and is no measure of the ones after it.
    await unmetered.invoke(pass);
    const run = async (meter: Meter): Promise<Sample> => ({ size, units: (await meter.invoke(pass)).units });
    const counted: Sample[] = [];
    for (let n = 0; n < COUNTED_PASSES; n += 1) counted.push(await run(counting));
    const timed: Sample[] = [];
    if (timing) for (let n = 0; n < TIMED_PASSES; n += 1) timed.push(await run(timing));
    rungs.push({ size, counted, timed });
  }
  return rungs;
}
