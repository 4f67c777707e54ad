import type { Measured, RequestKind, Units } from '../meter/measured.ts';
import { REQUEST_KINDS } from '../meter/measured.ts';
import type { Mix } from '../mix/mix.ts';
import type { DeploymentFacts, FunctionName, SourceFacts } from '../template/facts.ts';
import { sum, times, unitsAt } from './ladder.ts';
import { billedSeconds } from './seconds.ts';
import {
  BASELINE_CORES,
  GIB,
  ITEM_OVERHEAD_BYTES,
  LEAST_PARTITIONS,
  PARTITION_GIB,
  PARTITION_WRITE_UNITS,
  QUEUE_POLLERS,
  RECEIVED_TOGETHER,
  SECONDS_PER_MONTH,
  STREAM_POLL_SECONDS,
} from './stated.ts';

/** How often a function runs in a month, on how much each time, and what one run takes. */
export interface Invoked {
  readonly invocations: number;
  /** Records, messages or open payments of one invocation; 1 for a request. */
  readonly size: number;
  /** Of one invocation. */
  readonly units: Units;
}

/** What a number of payments in a month makes each part do. */
export interface Load {
  readonly paymentsPerMonth: number;
  readonly requests: Readonly<Record<RequestKind, number>>;
  /** Requests that reach the application; those that the firewall blocks come on top. */
  readonly answered: number;
  readonly blocked: number;
  /** Partitions of the table after the months that payments are kept: as many shards has its stream. */
  readonly partitions: number;
  readonly invoked: Readonly<Record<FunctionName, Invoked>>;
  /** Keys that were not cached: by the authorizer, or by the function itself behind CloudFront. */
  readonly keyLookups: number;
  /** What the fleet takes, all of it together, each message by a receive of its own; null without a fleet. */
  readonly fleet: { readonly messages: number; readonly instances: number } | null;
  /** Operations that a PSP is asked for, by functions and fleet. */
  readonly pspCalls: number;
  /** Payments that wait for nothing but their capture. */
  readonly open: number;
}

interface Input {
  readonly facts: DeploymentFacts;
  readonly measured: Measured;
  readonly mix: Mix;
  readonly paymentsPerMonth: number;
}

/** Arrivals are taken as independent of each other (Poisson), at the month's mean rate. */
export function loadOf({ facts, measured, mix, paymentsPerMonth }: Input): Load {
  const monthly = (perPayment: number) => perPayment * paymentsPerMonth;
  const requests = Object.fromEntries(
    REQUEST_KINDS.map((kind) => [kind, monthly(measured.requestsPerPayment[kind])]),
  ) as Record<RequestKind, number>;
  const answered = REQUEST_KINDS.reduce((all, kind) => all + requests[kind], 0);
  const partitions = partitionsOf(measured, mix, paymentsPerMonth);
  const open =
    (monthly(mix.lives.captured + mix.lives.canceled) * mix.authorizedHours) / (SECONDS_PER_MONTH / 3_600);

  const read = (source: SourceFacts, perPayment: number) => {
    const records = monthly(perPayment);
    const size = batchOf(records / SECONDS_PER_MONTH / partitions, source);
    return { invocations: records / size, size };
  };
  const relay = read(facts.relay, measured.perPayment.relay);
  const audit = read(facts.audit, measured.perPayment.audit);
  const messages = monthly(measured.perPayment.worker);
  const fleet = fleetOf(facts, measured, messages);
  const worker = workerOf(facts, measured, mix, messages - (fleet?.messages ?? 0), relay.size);
  const sweeps = SECONDS_PER_MONTH / facts.sweepEverySeconds;
  const one = { size: 1, units: {} };
  const lookups = keyLookups(mix, answered, facts);
  const ownLookups = facts.edge.kind === 'cloudfront' && answered > 0 ? lookups / answered : 0;

  return {
    paymentsPerMonth,
    requests,
    answered,
    blocked: (answered * mix.blockedShare) / (1 - mix.blockedShare),
    partitions,
    invoked: {
      api: {
        invocations: answered,
        size: 1,
        units: sum([meanRequest(measured), ownQuestions(measured, ownLookups, answered)]),
      },
      authorizer: { ...one, invocations: ownLookups > 0 ? 0 : lookups, units: measured.authorizer },
      relay: { ...relay, units: unitsAt(measured.relay, relay.size) },
      audit: { ...audit, units: unitsAt(measured.audit, audit.size) },
      worker,
      sweep: { invocations: sweeps, size: open, units: unitsAt(measured.sweep, open) },
      // Four steps, once a month.
      rotation: { ...one, invocations: 4 },
    },
    keyLookups: lookups,
    fleet,
    pspCalls: messages,
    open,
  };
}

/**
 * What the function behind CloudFront asks itself, where the authorizer does it behind API Gateway: keys, and in each
 * environment once a minute how much waits in the queue. For one request.
 */
function ownQuestions({ authorizer }: Measured, lookups: number, answered: number): Units {
  if (lookups === 0) return {};
  const ofQueue = ([name]: [string, number]) => /sqs|nat/.test(name);
  const queue = Object.entries(authorizer).filter(ofQueue);
  const key = Object.entries(authorizer).filter((unit) => !ofQueue(unit));
  const looks = Math.min(1, (API_ENVIRONMENTS * SECONDS_PER_MONTH) / CACHED_SECONDS / answered);
  return sum([times(Object.fromEntries(key), lookups), times(Object.fromEntries(queue), looks)]);
}

function meanRequest({ requests, requestsPerPayment }: Measured): Units {
  const perPayment = REQUEST_KINDS.reduce((all, kind) => all + requestsPerPayment[kind], 0);
  const all = sum(REQUEST_KINDS.map((kind) => times(requests[kind], requestsPerPayment[kind])));
  return times(all, 1 / perPayment);
}

function partitionsOf({ stored, requests }: Measured, { keptMonths }: Mix, paymentsPerMonth: number): number {
  const gib = (paymentsPerMonth * keptMonths * (stored.itemBytes + ITEM_OVERHEAD_BYTES)) / GIB;
  const perPayment = 2 * (requests.create['dynamodb.write.payments'] ?? 1);
  const perSecond = (paymentsPerMonth * perPayment) / SECONDS_PER_MONTH;
  return Math.max(
    LEAST_PARTITIONS,
    Math.ceil(gib / PARTITION_GIB),
    Math.ceil(perSecond / PARTITION_WRITE_UNITS),
  );
}

/** A window begins with its first record, and takes what comes until it ends. */
function batchOf(recordsPerSecond: number, { batchSize, windowSeconds }: SourceFacts): number {
  const window = Math.max(windowSeconds, STREAM_POLL_SECONDS);
  return Math.min(batchSize, 1 + recordsPerSecond * window);
}

/** A key is looked up again when its cached answer is a minute old and it is used once more. */
const CACHED_SECONDS = 60;
/** Of the function that answers, at a few requests a second; where there are more, keys are looked up as often as used. */
const API_ENVIRONMENTS = 4;

function keyLookups({ activeKeys }: Mix, answered: number, { edge }: DeploymentFacts): number {
  if (answered === 0) return 0;
  // Behind CloudFront each environment of the function that answers remembers keys for itself.
  const caches = edge.kind === 'cloudfront' ? activeKeys * API_ENVIRONMENTS : activeKeys;
  const secondsBetweenUses = (SECONDS_PER_MONTH * caches) / answered;
  return (caches * SECONDS_PER_MONTH) / (CACHED_SECONDS + secondsBetweenUses);
}

function fleetOf({ fleet, worker }: DeploymentFacts, measured: Measured, messages: number): Load['fleet'] {
  if (!fleet) return null;
  const batch = measured.worker.at(-1);
  const cpuMs = batch ? (batch.units.cpu_ms ?? 0) / batch.size : 0;
  const ofOne = cpuMs === 0 ? messages : (BASELINE_CORES / (cpuMs / 1_000)) * SECONDS_PER_MONTH;
  // Where functions take work too, a message comes to one of those who wait for it; and functions take what is too much.
  const share = fleet.instances / (fleet.instances + QUEUE_POLLERS);
  const taken = worker.enabled ? Math.min(messages * share, ofOne * fleet.instances) : messages;
  const instances = Math.max(fleet.instances, Math.ceil(taken / ofOne));
  return { messages: taken, instances };
}

/** Batches are as the relay sends them, as far as SQS keeps them together, and larger where all executions are busy. */
function workerOf(
  facts: DeploymentFacts,
  measured: Measured,
  mix: Mix,
  messages: number,
  sentTogether: number,
): Invoked {
  const { batchSize, windowSeconds, maxConcurrency } = facts.worker;
  const perSecond = messages / SECONDS_PER_MONTH;
  const burst = Math.min(batchSize, 1 + (Math.min(sentTogether, batchSize) - 1) * RECEIVED_TOGETHER);
  const gathered = Math.min(batchSize, burst + perSecond * windowSeconds);
  const seconds = billedSeconds(unitsAt(measured.worker, gathered), facts.functions.worker.memoryMb, mix);
  const needed = maxConcurrency ? (perSecond * seconds) / maxConcurrency : 0;
  const size = Math.min(batchSize, Math.max(gathered, needed));
  return { invocations: messages / size, size, units: unitsAt(measured.worker, size) };
}
