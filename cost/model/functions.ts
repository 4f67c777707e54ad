import type { Usage } from '../bill/usage.ts';
import type { Measured } from '../meter/measured.ts';
import type { Mix } from '../mix/mix.ts';
import type { DeploymentFacts, FunctionName } from '../template/facts.ts';
import { figure } from './figure.ts';
import type { Load } from './load.ts';
import { billedSeconds } from './seconds.ts';
import { HOURS_PER_MONTH, LONGEST_WAIT_SECONDS, MEGABYTES_PER_GB, SECONDS_PER_MONTH } from './stated.ts';

interface Input {
  readonly facts: DeploymentFacts;
  readonly measured: Measured;
  readonly mix: Mix;
  readonly load: Load;
}

/** Requests and GB-seconds of each function; loading it, which Lambda bills too, is in the latter. */
export function functionUsages({ facts, measured, mix, load }: Input): Usage[] {
  return (Object.keys(load.invoked) as FunctionName[]).flatMap((name) => {
    const { invocations, size, units } = load.invoked[name];
    const { memoryMb, architecture } = facts.functions[name];
    if (invocations === 0) return [];
    const waited = name === 'api' ? waitedSeconds(load, mix) / invocations : 0;
    const seconds = billedSeconds(units, memoryMb, mix) + waited;
    const starts = coldStarts((invocations * seconds) / SECONDS_PER_MONTH, mix);
    const startSeconds = measured.coldStartMs[name] / 1_000;
    const gb = memoryMb / MEGABYTES_PER_GB;
    return [
      {
        component: 'functions',
        what: `requests: ${name}`,
        price: 'lambda.request',
        quantity: invocations,
        basis: 'metered',
        derivation: size === 1 ? 'one at a time' : `${figure(size)} at a time`,
      },
      {
        component: 'functions',
        what: `GB-seconds: ${name}`,
        price: architecture === 'arm64' ? 'lambda.gbs.arm' : 'lambda.gbs.x86',
        quantity: (invocations * seconds + starts * startSeconds) * gb,
        basis: 'metered',
        derivation:
          `${figure(invocations)} × ${figure(seconds * 1_000)} ms × ${memoryMb} MB, ` +
          `and ${figure(starts)} starts of ${figure(measured.coldStartMs[name])} ms`,
      },
    ];
  });
}

/** Seconds for which creates with `Prefer: wait` hold the function, which the meter's do not. */
function waitedSeconds({ requests }: Load, { waitShare }: Mix): number {
  return requests.create * waitShare * LONGEST_WAIT_SECONDS;
}

/** One environment more than are busy, each made anew when it has lived for so long. */
function coldStarts(busy: number, { environmentLifeHours }: Mix): number {
  return ((Math.ceil(busy) + 1) * HOURS_PER_MONTH) / environmentLifeHours;
}
