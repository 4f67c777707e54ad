import type { Bill } from '../bill/bill.ts';
import { COMPONENTS } from '../bill/usage.ts';
import { percent, usdIn } from './amounts.ts';
import { perMillionUsd } from './systems.ts';
import type { TextTable } from './text-table.ts';

export interface BillColumn {
  readonly name: string;
  readonly bill: Bill;
}

/**
 * Bills beside each other, a component a row; then what they come to.
 * @param against columns that the saving of each is counted from
 */
export function componentTable(
  columns: readonly BillColumn[],
  against: readonly BillColumn[],
  paymentsPerMonth: number,
): TextTable {
  const usd = usdIn(Math.max(...columns.map(({ bill }) => bill.totalUsd)));
  const row = (title: string, of: (bill: Bill) => string) => [title, ...columns.map(({ bill }) => of(bill))];
  const paid = COMPONENTS.filter((component) =>
    columns.some(({ bill }) => bill.byComponent[component] !== 0),
  );
  const perMillion = columns.map(({ bill }) => perMillionUsd(bill, paymentsPerMonth));
  const perMillionText = usdIn(Math.max(...perMillion));
  return {
    head: ['US dollars a month', ...columns.map(({ name }) => name)],
    rows: [
      ...paid.map((component) => row(component, (bill) => usd(bill.byComponent[component]))),
      row('total', ({ totalUsd }) => usd(totalUsd)),
      ['per million payments', ...perMillion.map(perMillionText)],
      ...against.map((other) => [
        `saved against ${other.name}`,
        ...columns.map((column) =>
          column.name === other.name ? '' : percent(1 - column.bill.totalUsd / other.bill.totalUsd),
        ),
      ]),
    ],
  };
}
