import { Duration } from 'aws-cdk-lib';
import { type IMetric, MathExpression, type Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { Price, PriceList } from '../../cost/prices/price.ts';
import type { CostUnit } from './cost-units.ts';

/** Shorter ones would divide the work on payments by others than those that it was done for. */
const PERIOD = Duration.hours(1);
const MILLION = 1_000_000;

/** How much of each unit one payment takes. */
export function unitsOfOnePayment(units: readonly CostUnit[], payments: Metric): MathExpression[] {
  return units.map((unit) => {
    const usingMetrics = { [unit.id]: sumOfUnit(unit), payments };
    return math(`IF(payments > 0, ${unit.id} / payments)`, usingMetrics, unit.label);
  });
}

/**
 * US dollars for a million payments, all together and by the parts of the bill: at the first tier of the list prices,
 * whatever an account has for nothing.
 */
export function usdOfMillionPayments(
  units: readonly CostUnit[],
  payments: Metric,
  prices: PriceList,
): MathExpression[] {
  const components = [...new Set(units.map(({ component }) => component))];
  const parts = components.map((component) => {
    const own = units.filter((unit) => unit.component === component);
    const sum = own.map((unit) => usdOf(unit, priceOf(unit, prices)));
    return {
      id: `usd_${component.replaceAll(' ', '_')}`,
      metric: math(
        `IF(payments > 0, ${MILLION} * (${sum.join(' + ')}) / payments)`,
        { ...Object.fromEntries(own.map((unit) => [unit.id, sumOfUnit(unit)])), payments },
        `$ ${component}`,
      ),
    };
  });
  const all = math(
    parts.map(({ id }) => id).join(' + '),
    Object.fromEntries(parts.map(({ id, metric }) => [id, metric])),
    '$ together',
  );
  return [all, ...parts.map(({ metric }) => metric)];
}

/** Metrics without data where nothing happened: without FILL one of them would hide the rest. */
function sumOfUnit({ counted }: CostUnit): MathExpression {
  const parts = counted.map(
    ({ id, times, of }) =>
      `FILL(${id}, 0)${times === undefined ? '' : ` * ${decimal(times)}`}${of === undefined ? '' : ` / ${decimal(of)}`}`,
  );
  return math(parts.join(' + '), Object.fromEntries(counted.map(({ id, metric }) => [id, metric])));
}

function math(expression: string, usingMetrics: Record<string, IMetric>, label?: string): MathExpression {
  return new MathExpression({ expression, usingMetrics, label, period: PERIOD });
}

function usdOf({ id, inPriced = 1 }: CostUnit, { tiers, per }: Price): string {
  const divisor = per * inPriced;
  return `${decimal(tiers[0]?.usd ?? 0)} * ${id}${divisor === 1 ? '' : ` / ${decimal(divisor)}`}`;
}

/** @throws RangeError for a price that the list has not: at synthesis, and not as a gap in a graph */
function priceOf({ price: id }: CostUnit, { prices }: PriceList): Price {
  const price = prices.get(id);
  if (price === undefined)
    throw new RangeError(`The list has no price ${id}, by which the dashboard multiplies.`);
  return price;
}

/** Metric math reads no exponents. */
function decimal(value: number): string {
  return new Intl.NumberFormat('en', { useGrouping: false, maximumSignificantDigits: 15 }).format(value);
}
