import { PAYMENTS_TABLE } from '../../src/adapters/dynamodb/table-schema.ts';
import type { Usage } from '../bill/usage.ts';
import type { Measured, Units } from '../meter/measured.ts';
import type { Mix } from '../mix/mix.ts';
import type { DeploymentFacts, ScaledCapacity, TableFacts } from '../template/facts.ts';
import { figure } from './figure.ts';
import type { Load } from './load.ts';
import { GIB, HOURS_PER_MONTH, ITEM_OVERHEAD_BYTES, SECONDS_PER_MONTH } from './stated.ts';

interface Input {
  readonly facts: DeploymentFacts;
  readonly measured: Measured;
  readonly mix: Mix;
  readonly load: Load;
  /** Of all functions in the month. */
  readonly total: Units;
}

/** Units as DynamoDB itself counted them, or the capacity for them, and what is stored when payments have been kept for so many months. */
export function databaseUsages({ facts, measured, mix, load, total }: Input): Usage[] {
  const usages: Usage[] = [];
  for (const [name, quantity] of Object.entries(total)) {
    const found = /^dynamodb\.(write|read)\.(.+)$/.exec(name);
    if (!found || quantity === 0) continue;
    const [, kind, place] = found as unknown as [string, 'write' | 'read', string];
    const table = place.startsWith('control') ? facts.control : facts.payments;
    if (table.billing === 'provisioned') continue;
    usages.push({
      component: 'database',
      what: `${kind} units: ${place}`,
      price: unitPrice(table, kind),
      quantity,
      basis: 'metered',
      derivation: `${figure(quantity / load.paymentsPerMonth)} for each payment`,
    });
  }
  return [...usages, ...capacities(facts.payments, total), ...stored({ facts, measured, mix, load })];
}

const PLACES = { table: 'payments', index: `payments/${PAYMENTS_TABLE.index.name}` } as const;

/** There is no price of capacity in the other class: the reading says that it is unknown. */
function capacities({ tableClass, capacity }: TableFacts, total: Units): Usage[] {
  if (!capacity || tableClass !== 'STANDARD') return [];
  return (['write', 'read'] as const).flatMap((kind) =>
    (['table', 'index'] as const).map((part) => capacityOf(capacity, part, kind, total)),
  );
}

/** Of the mean of a month: scaling follows more and less within minutes, and upwards sooner than downwards. */
function capacityOf(
  { targetShare, least }: ScaledCapacity,
  part: 'table' | 'index',
  kind: 'write' | 'read',
  total: Units,
): Usage {
  const place = PLACES[part];
  const perSecond = (total[`dynamodb.${kind}.${place}`] ?? 0) / SECONDS_PER_MONTH;
  const wanted = perSecond / targetShare;
  const atLeast = least[part][kind];
  const isLeast = wanted <= atLeast;
  const used = `${figure(perSecond)} units a second are used on average`;
  return {
    component: 'database',
    what: `${kind} capacity: ${place}`,
    price: kind === 'write' ? 'ddb.wcu' : 'ddb.rcu',
    quantity: Math.max(atLeast, wanted) * HOURS_PER_MONTH,
    basis: isLeast ? 'template' : 'metered',
    derivation: isLeast
      ? `the least, ${atLeast} × ${HOURS_PER_MONTH} hours: ${used}`
      : `${used}, ${figure(targetShare * 100)} % of what is there, × ${HOURS_PER_MONTH} hours`,
  };
}

function unitPrice({ tableClass }: TableFacts, kind: 'write' | 'read'): string {
  const unit = kind === 'write' ? 'wru' : 'rru';
  return tableClass === 'STANDARD' ? `ddb.${unit}` : `ddb.ia.${unit}`;
}

/** GiB of the table itself, without its index, when payments have been kept for so many months. */
export function tableGib(measured: Measured, mix: Mix, paymentsPerMonth: number): number {
  return (paymentsPerMonth * mix.keptMonths * (measured.stored.itemBytes + ITEM_OVERHEAD_BYTES)) / GIB;
}

function stored({ facts, measured, mix, load }: Omit<Input, 'total'>): Usage[] {
  const kept = load.paymentsPerMonth * mix.keptMonths;
  const { itemBytes, indexBytes } = measured.stored;
  const price = facts.payments.tableClass === 'STANDARD' ? 'ddb.storage' : 'ddb.ia.storage';
  const gib = tableGib(measured, mix, load.paymentsPerMonth);
  const of = (bytes: number) => `${figure(kept)} × ${figure(bytes)} bytes and ${ITEM_OVERHEAD_BYTES}`;
  const usages: Usage[] = [
    {
      component: 'database',
      what: `storage: payments of ${mix.keptMonths} months`,
      price,
      quantity: gib,
      basis: 'metered',
      derivation: of(itemBytes),
    },
    {
      component: 'database',
      what: 'storage: their index',
      price,
      quantity: (kept * (indexBytes + ITEM_OVERHEAD_BYTES)) / GIB,
      basis: 'metered',
      derivation: of(indexBytes),
    },
  ];
  if (facts.payments.restorable) {
    usages.push({
      component: 'database',
      what: 'point-in-time recovery',
      price: 'ddb.pitr',
      quantity: gib,
      basis: 'metered',
      derivation: 'by the size of the table; an index is made anew',
    });
  }
  return usages;
}
