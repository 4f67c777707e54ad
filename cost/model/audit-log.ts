import type { Usage } from '../bill/usage.ts';
import type { Units } from '../meter/measured.ts';
import type { Mix } from '../mix/mix.ts';
import type { DeploymentFacts } from '../template/facts.ts';
import { figure } from './figure.ts';
import type { Load } from './load.ts';
import { BUCKET_LOG_BYTES, DAYS_PER_MONTH, GIB } from './stated.ts';

interface Input {
  readonly facts: DeploymentFacts;
  readonly mix: Mix;
  readonly load: Load;
  /** Of all functions in the month. */
  readonly total: Units;
}

/** S3 counts what lists as what writes; deleting is free. */
const PRICES: Readonly<Record<string, string | null>> = {
  PutObject: 's3.put',
  ListObjectsV2: 's3.put',
  ListObjects: 's3.put',
  GetObject: 's3.get',
  HeadObject: 's3.get',
  DeleteObject: null,
};

/** A request of S3 that nobody has said the price of. */
export class UnknownRequestError extends Error {
  override readonly name = 'UnknownRequestError';
}

/** The batch objects of the audit log, and who looks at them. */
export function auditLogUsages({ facts, mix, load, total }: Input): Usage[] {
  const usages: Usage[] = [];
  let accesses = 0;
  for (const [name, quantity] of Object.entries(total)) {
    const operation = /^s3\.([A-Z]\w+)$/.exec(name)?.[1];
    if (operation === undefined || quantity === 0) continue;
    const price = PRICES[operation];
    if (price === undefined)
      throw new UnknownRequestError(`The meter found S3 requests ${operation}: no price is named.`);
    accesses += quantity;
    if (price === null) continue;
    usages.push({
      component: 'audit log',
      what: `S3 ${operation}`,
      price,
      quantity,
      basis: 'metered',
      derivation: `${figure(load.invoked.audit.size)} records in an object`,
    });
  }
  usages.push(...kept({ facts, mix, load }));
  if (facts.auditDataEvents) {
    usages.push({
      component: 'audit log',
      what: 'CloudTrail: who touched an object',
      price: 'cloudtrail.data',
      quantity: accesses,
      basis: 'metered',
      derivation: 'one event for each request',
    });
  }
  if (facts.bucketAccessLogs) {
    usages.push({
      component: 'audit log',
      what: 'access log of the bucket',
      price: 's3.std',
      quantity: (accesses * mix.keptMonths * BUCKET_LOG_BYTES) / GIB,
      basis: 'assumed',
      derivation: `${BUCKET_LOG_BYTES} bytes for each request`,
    });
  }
  return usages;
}

function kept({ facts, mix, load }: Omit<Input, 'total'>): Usage[] {
  const { invocations, units } = load.invoked.audit;
  const bytes = units['s3.put_bytes'] ?? 0;
  const gib = (invocations * bytes) / GIB;
  const { auditTransition: colder } = facts;
  const moves = colder !== null && bytes >= colder.leastBytes;
  const warmMonths = moves ? Math.min(mix.keptMonths, colder.afterDays / DAYS_PER_MONTH) : mix.keptMonths;
  const common = { component: 'audit log', basis: 'metered' } as const;
  const object = `objects of ${figure(bytes)} bytes, ${figure(warmMonths)} months`;
  const usages: Usage[] = [
    { ...common, what: 'storage', price: 's3.std', quantity: gib * warmMonths, derivation: object },
  ];
  if (moves) {
    const coldMonths = mix.keptMonths - warmMonths;
    usages.push(
      {
        ...common,
        what: 'storage in Glacier',
        price: 's3.gfr',
        quantity: gib * coldMonths,
        derivation: `${figure(coldMonths)} months`,
      },
      {
        ...common,
        what: 'moved to Glacier',
        price: 's3.gfr.put',
        quantity: invocations,
        derivation: 'each object once',
      },
    );
  }
  return usages;
}
