import type { Bill } from '../bill/bill.ts';
import { quantity, usdIn } from './amounts.ts';
import type { TextTable } from './text-table.ts';

/** A mark at prices that nobody has read in AWS's list, which the footnote explains. */
export const NOT_SEEN = '*';

/** The whole bill, line by line, as its components come; lines of nothing are left in, so that they can be asked about. */
export function lineTable({ lines, totalUsd }: Bill): TextTable {
  const usd = usdIn(totalUsd);
  return {
    head: ['component', 'what', 'from', 'how', 'price', 'quantity', 'US dollars'],
    rightFrom: 5,
    rows: [
      ...lines.map((line) => [
        line.component,
        line.what,
        line.basis,
        line.derivation,
        `${line.price}${line.confidence === 'seen' ? '' : ` ${NOT_SEEN}`}`,
        quantity(line.quantity),
        usd(line.usd),
      ]),
      ['total', '', '', '', '', '', usd(totalUsd)],
    ],
  };
}
