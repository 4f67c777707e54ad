import { auditHandler } from '../../src/wiring-aws/audit.ts';
import { relayHandler } from '../../src/wiring-aws/relay.ts';
import { type Mix, mixHash } from '../mix/mix.ts';
import { median, REFERENCE_MS } from './calibration.ts';
import type { MeteredCloud } from './cloud/metered-cloud.ts';
import { possibleMetrics } from './custom-metrics.ts';
import { createCountingMeter, createProcessorMeter, type Meter, unmetered } from './invocation.ts';
import { type Measured, REQUEST_KINDS, type RequestKind, type Step } from './measured.ts';
import type { Cast } from './play/cast.ts';
import { climb, type Rung } from './play/climb.ts';
import { planLives } from './play/lives.ts';
import { lookUpKey } from './play/look-ups.ts';
import { sweepOpenPayments } from './play/open-payments.ts';
import { type PlayDeps, type Played, playRound } from './play/play-round.ts';
import { type Change, isRelayed } from './play/sources.ts';
import { meanUnits, stepOfBatches, stepOfMessages, withCpu } from './steps.ts';
import { storedBytes } from './stored-bytes.ts';

/** Sizes at which each function is measured. */
export interface Rungs {
  readonly relay: readonly number[];
  readonly worker: readonly number[];
  readonly audit: readonly number[];
  readonly sweep: readonly number[];
}

export const RUNGS: Rungs = {
  relay: [1, 2, 5, 10, 25, 50, 100],
  worker: [1, 2, 5, 10],
  audit: [1, 2, 5, 10, 50, 200, 1_000],
  sweep: [0, 10, 100, 1_000],
};

interface Options {
  cloud: MeteredCloud;
  cast: Cast;
  mix: Mix;
  /** Whether processor time is measured too, which takes as long again; else it is left out. */
  withProcessor: boolean;
  rungs?: Rungs;
  /** Told what is being done, for somebody who waits. */
  say?: (doing: string) => void;
}

/** All but processor time of loading, which needs no emulators. */
export type Metered = Omit<Measured, 'coldStartMs'>;

/** Lists run in each round, however few there are in the mix: they are counted, not weighed. */
const LISTS = 3;
/** Since the last change of a batch, when it is written. */
const AUDIT_LAG_MS = 60_000;
const WARM_UP_SEED = 1_000;
const COUNTED_SEED = 1;
const TIMED_SEED = 2_000;

/**
 * Runs the functions over the mix on the emulators: a round for each size of the worker's batches, then the readers
 * of the stream over the changes that came of it. Counts first, and then, over other payments, times: to be counted,
 * a function is held up between its calls.
 */
export async function meter(options: Options): Promise<Metered> {
  const { cloud, cast, mix, withProcessor, rungs = RUNGS, say = () => undefined } = options;
  const metrics = new Set<string>(possibleMetrics(cloud.config.DEPLOYMENT));
  const counting = createCountingMeter({ cloud, mix, metrics });
  const timing = withProcessor ? createProcessorMeter() : null;
  const { deps, key } = cast;

  say('warming up');
  // Connections, as many as a batch of the worker takes, and what is loaded when it is first needed.
  const plain = planLives(mix, WARM_UP_SEED).filter(({ name }) => name !== 'unknown');
  await playRound(deps, { meter: unmetered, lives: plain.slice(0, 10), workerBatch: 10, lists: 1 });
  say('counting what payments take');
  const counted = await playAll(deps, { meter: counting, mix, sizes: rungs.worker, seed: COUNTED_SEED });
  if (timing) say('timing them, over others');
  const timed =
    timing && (await playAll(deps, { meter: timing, mix, sizes: rungs.worker, seed: TIMED_SEED }));
  const changes = counted.flatMap((played) => played.changes);
  const inRound = counted[0]?.changes.length ?? 0;

  say('the relay');
  const relayed = changes.map(({ record }) => record).filter(isRelayed);
  const relay = relayHandler({ ...cloud.config, QUEUE_URL: await cloud.createQueue() });
  const relayRungs = await climb({
    sizes: rungs.relay,
    records: relayed,
    inRound: (counted[0]?.changes ?? []).filter(({ record }) => isRelayed(record)).length,
    invoke: (Records) => relay({ Records }),
    counting,
    timing,
  });
  say('the audit');
  const audit = auditHandler(cloud.config);
  const afterAllMs = cloud.nowMs();
  await unmetered.invoke(() => audit({ Records: changes.slice(0, 1).map(({ record }) => record) }));
  const auditRungs = await climb({
    sizes: rungs.audit,
    records: changes,
    inRound,
    // The lag is in the log: it is to be one that there is, with as many digits.
    before: (batch) => cloud.turnTo(Date.parse(batch.at(-1)?.payment.updated_at ?? '') + AUDIT_LAG_MS),
    invoke: (batch) => audit({ Records: batch.map(({ record }) => record) }),
    counting,
    timing,
  });
  await cloud.turnTo(afterAllMs);
  say('the sweep');
  const sweepRungs = await sweepOpenPayments({
    cloud,
    authorized: anAuthorized(changes),
    sizes: rungs.sweep,
    counting,
    timing,
  });
  say('the authorizer');
  const lookUps = await lookUpKey(cloud, key, counting);
  const timedLookUps = timing ? await lookUpKey(cloud, key, timing) : undefined;

  const payments = counted.reduce((sum, { requests }) => sum + requests.create.length, 0);
  const perPayment = (count: number) => Number((count / payments).toFixed(6));
  const requestsOf = (kind: RequestKind, all: readonly Played[]) =>
    all.flatMap(({ requests }) => requests[kind]);
  return {
    mix: mixHash(mix),
    payments,
    calibration: {
      measured: timing ? Number(median(timing.calibrations).toFixed(2)) : 0,
      reference: REFERENCE_MS,
    },
    requests: byKind((kind) => {
      const samples = requestsOf(kind, counted);
      return samples.length === 0
        ? {}
        : withCpu(meanUnits(samples), timed ? requestsOf(kind, timed) : undefined);
    }),
    requestsPerPayment: byKind((kind) =>
      kind === 'list' ? mix.listsPerPayment : perPayment(requestsOf(kind, counted).length),
    ),
    perPayment: {
      relay: perPayment(relayed.length),
      audit: perPayment(changes.length),
      worker: perPayment(counted.flatMap(({ worker }) => worker).reduce((sum, { size }) => sum + size, 0)),
    },
    relay: relayRungs.map(stepOf),
    worker: rungs.worker.map((size, at) => {
      const step = stepOfMessages(size, counted[at]?.worker ?? []);
      const whole = timed?.[at]?.worker.filter((sample) => sample.size === size);
      return { size, units: withCpu(step.units, whole) };
    }),
    audit: auditRungs.map(stepOf),
    sweep: sweepRungs.map(stepOf),
    authorizer: withCpu(meanUnits(lookUps), timedLookUps),
    stored: storedBytes(changes),
    customMetrics: metrics.size,
  };
}

/** A round of the mix for each size of the worker's batches, of payments that are not made twice. */
async function playAll(
  deps: PlayDeps,
  { meter: by, mix, sizes, seed }: { meter: Meter; mix: Mix; sizes: readonly number[]; seed: number },
): Promise<Played[]> {
  const rounds: Played[] = [];
  for (const [at, workerBatch] of sizes.entries()) {
    const lives = planLives(mix, seed + at);
    rounds.push(await playRound(deps, { meter: by, lives, workerBatch, lists: LISTS }));
  }
  return rounds;
}

function stepOf({ size, counted, timed }: Rung): Step {
  return { size, units: withCpu(stepOfBatches(size, counted).units, timed) };
}

function byKind<T>(of: (kind: RequestKind) => T): Record<RequestKind, T> {
  return Object.fromEntries(REQUEST_KINDS.map((kind) => [kind, of(kind)])) as Record<RequestKind, T>;
}

/** As it stood when it was authorized. */
function anAuthorized(changes: readonly Change[]) {
  const found = changes.find(({ payment }) => payment.status === 'authorized');
  if (!found) throw new Error('No payment of the mix was authorized: the sweep has nothing to look through.');
  return found.payment;
}
