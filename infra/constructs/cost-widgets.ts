import { type IWidget, SingleValueWidget, TextWidget } from 'aws-cdk-lib/aws-cloudwatch';
import type { PriceList } from '../../cost/prices/price.ts';
import { pricedRegions, readPriceList } from '../../cost/prices/price-list.ts';
import { unitsOfOnePayment, usdOfMillionPayments } from './cost-math.ts';
import { COST_GAPS, type CostProps, type CostUnit, completedPayments, costUnits } from './cost-units.ts';

/** A whole row. */
const WIDTH = 24;

/**
 * What a payment takes, and a million cost: number and line in one widget. In two each metric would count twice, and a
 * dashboard of more than 50 is not free.
 */
export function costOfPayment(props: CostProps, region: string): IWidget[] {
  const prices = pricedRegions().includes(region) ? readPriceList(region) : undefined;
  const units = costUnits(props);
  const payments = completedPayments(props.deployment);
  return [
    new SingleValueWidget({
      title: prices
        ? `What do a million payments cost, without what is fixed? (US dollars, prices of ${region}, ${dates(units, prices)}) What does one take?`
        : 'What does a payment take?',
      width: WIDTH,
      height: 12,
      sparkline: true,
      metrics: [
        ...(prices ? usdOfMillionPayments(units, payments, prices) : []),
        ...unitsOfOnePayment(units, payments),
      ],
    }),
    new TextWidget({ width: WIDTH, height: 6, markdown: explained(units, region, prices) }),
  ];
}

function explained(units: readonly CostUnit[], region: string, prices: PriceList | undefined): string {
  const lines = [
    'By the hour, for each payment completed in it; those that fail or are canceled are paid for by the others.',
    ...(prices
      ? [
          `$: units times the first tier of the list prices of ${region}, read ${dates(units, prices)}, with nothing ` +
            `taken off that an account has for nothing.${doubtful(units, prices)}`,
        ]
      : [`No dollars: there is no list of the prices of ${region}. It would be cost/prices/${region}.json.`]),
    ...COST_GAPS,
    'Metrics are minutes old, bills are a day old. What was really paid: Cost Explorer, by the tags `Project` and ' +
      '`Environment`. Anomalies and the budget report to the topic `cost-alerts`.',
  ];
  return lines.map((line) => `- ${line}`).join('\n');
}

/** From the oldest to the newest that is used. */
function dates(units: readonly CostUnit[], prices: PriceList): string {
  const read = used(units, prices)
    .map((price) => price.read)
    .toSorted();
  const [first, last] = [read[0], read.at(-1)];
  return first === last ? `${first}` : `${first} to ${last}`;
}

function doubtful(units: readonly CostUnit[], prices: PriceList): string {
  const found = used(units, prices).filter(({ confidence }) => confidence !== 'seen');
  return found.map(({ id, confidence }) => ` ${id} is ${confidence}.`).join('');
}

function used(units: readonly CostUnit[], { prices }: PriceList) {
  return [...new Set(units.map(({ price }) => price))].flatMap((id) => prices.get(id) ?? []);
}
