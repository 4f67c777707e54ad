import { type Bill, bill } from '../bill/bill.ts';
import type { Usage } from '../bill/usage.ts';
import { REQUEST_KINDS } from '../meter/measured.ts';
import { figure } from '../model/figure.ts';
import { BASELINE_CORES, GIB, HOURS_PER_MONTH, SECONDS_PER_MONTH } from '../model/stated.ts';
import type { Inputs } from './systems.ts';

/** Something that would make the bill smaller and that no setting does: worked out on the lines of a bill. */
export interface FurtherStep {
  readonly name: string;
  /** What it takes, and what it gives up. */
  readonly gives: string;
  /** Whether it is among those that are taken together. */
  readonly together: boolean;
  apply(usages: readonly Usage[], inputs: Inputs, paymentsPerMonth: number): readonly Usage[];
}

/** Of provisioned capacity, what steady traffic uses. */
const USED_SHARE = 0.7;
const REQUEST_BODY_BYTES = 300;

export const FURTHER_STEPS: readonly FurtherStep[] = [
  {
    name: 'the payments table in the class for what is seldom read',
    gives: 'nothing but that writes cost more; it cannot stand together with the next',
    together: false,
    apply: (usages) => usages.map(inInfrequentClass),
  },
  {
    name: `provisioned write capacity in the standard class, ${USED_SHARE * 100} % of it used`,
    gives: 'traffic must be steady, or its scaling lags behind and writes are refused',
    together: true,
    apply: (usages) => usages.map(inStandardClass).map(provisioned),
  },
  {
    name: 'an internal load balancer in front of a fleet, instead of edge, firewall and functions that answer',
    gives: 'for callers within the own network only; certificates, patches and scaling become work',
    together: true,
    apply(usages, inputs, paymentsPerMonth) {
      const kept = usages.filter(
        ({ component, what }) =>
          component !== 'edge' && component !== 'firewall' && !/: (?:api|authorizer)$/.test(what),
      );
      return [...kept, ...balanced(inputs, paymentsPerMonth)];
    },
  },
];

const INFREQUENT: Readonly<Record<string, string>> = {
  'ddb.wru': 'ddb.ia.wru',
  'ddb.rru': 'ddb.ia.rru',
  'ddb.storage': 'ddb.ia.storage',
};

/** The table of the audit's head has hardly anything in it. */
function inInfrequentClass(usage: Usage): Usage {
  const price = INFREQUENT[usage.price];
  return price === undefined || usage.what.endsWith(': control') ? usage : { ...usage, price };
}

/** The list has no prices of provisioned capacity in the class for what is seldom read. */
function inStandardClass(usage: Usage): Usage {
  return { ...usage, price: usage.price.replace(/^ddb\.ia\./, 'ddb.') };
}

function provisioned(usage: Usage): Usage {
  if (usage.price !== 'ddb.wru') return usage;
  return {
    ...usage,
    price: 'ddb.wcu',
    quantity: usage.quantity / 3_600 / USED_SHARE,
    basis: 'assumed',
    derivation: `${figure(usage.quantity)} units, ${USED_SHARE * 100} % of what is provisioned`,
  };
}

/** Application load balancer, and as many instances as answer the requests on the part of a core that they have for ever. */
function balanced({ measured, mix }: Inputs, paymentsPerMonth: number): readonly Usage[] {
  let requests = 0;
  let cpuSeconds = 0;
  let bytes = 0;
  for (const kind of REQUEST_KINDS) {
    const count = measured.requestsPerPayment[kind] * paymentsPerMonth;
    const { cpu_ms: cpuMs = 0, 'response.bytes': responseBytes = 0 } = measured.requests[kind];
    requests += count;
    cpuSeconds += (count * cpuMs) / 1_000;
    bytes += count * (responseBytes + mix.sizes.requestHeaderBytes + REQUEST_BODY_BYTES);
  }
  // Two at the least, in two zones.
  const instances = Math.max(2, Math.ceil(cpuSeconds / SECONDS_PER_MONTH / BASELINE_CORES));
  const gib = bytes / GIB;
  const common = { basis: 'assumed' } as const;
  return [
    {
      ...common,
      component: 'edge',
      what: 'hours of a load balancer',
      price: 'alb.hour',
      quantity: HOURS_PER_MONTH,
      derivation: 'one, internal',
    },
    {
      ...common,
      component: 'edge',
      what: 'capacity units of the load balancer',
      price: 'alb.lcu',
      // By bytes: connections are kept, so that there are few new ones.
      quantity: Math.max(HOURS_PER_MONTH, gib),
      derivation: `${figure(requests)} requests, ${figure(gib)} GB: a unit is 1 GB an hour`,
    },
    {
      ...common,
      component: 'fleet',
      what: `${instances} instances that answer`,
      price: 'ec2.t4g.small',
      quantity: instances * HOURS_PER_MONTH,
      derivation: `${figure(cpuSeconds)} s of processor time a month on ${BASELINE_CORES} cores each`,
    },
  ];
}

export interface StepResult {
  readonly name: string;
  readonly gives: string;
  readonly bill: Bill;
}

/** Each step alone, and then all that can be taken together; steps that this bill has taken already are left out. */
export function withFurtherSteps(
  from: Bill,
  inputs: Inputs,
  paymentsPerMonth: number,
  steps: readonly FurtherStep[] = FURTHER_STEPS,
): readonly StepResult[] {
  const billed = (usages: readonly Usage[]) => bill(usages, from.unknown, inputs.list);
  const alone = steps
    .map(({ name, gives, apply }) => ({
      name,
      gives,
      bill: billed(apply(from.lines, inputs, paymentsPerMonth)),
    }))
    .filter((result) => result.bill.totalUsd !== from.totalUsd);
  const together = steps.filter((step) => step.together);
  const all = together.reduce<readonly Usage[]>(
    (usages, { apply }) => apply(usages, inputs, paymentsPerMonth),
    from.lines,
  );
  return [...alone, { name: 'the last two together', gives: '', bill: billed(all) }];
}
