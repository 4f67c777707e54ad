import { percent, usdIn } from './amounts.ts';
import { ASSUMPTIONS, type Assumption } from './assumptions.ts';
import type { Inputs, System } from './systems.ts';
import type { TextTable } from './text-table.ts';

export interface Effect {
  readonly assumption: string;
  readonly stands: string;
  readonly instead: string;
  /** Of the monthly total, in US dollars: positive if it costs more. */
  readonly changeUsd: number;
  readonly totalUsd: number;
}

/** What each alternative changes, all else as it is; what changes most comes first. */
export function sensitivity(
  system: System,
  inputs: Inputs,
  paymentsPerMonth: number,
  assumptions: readonly Assumption[] = ASSUMPTIONS,
): readonly Effect[] {
  const { totalUsd: before } = system.billAt(paymentsPerMonth, inputs);
  return assumptions
    .flatMap(({ name, stands, alternatives }) =>
      alternatives.map((alternative) => {
        const { totalUsd } = system.billAt(paymentsPerMonth, alternative.change(inputs));
        return {
          assumption: name,
          stands: stands(inputs),
          instead: alternative.name,
          changeUsd: totalUsd - before,
          totalUsd,
        };
      }),
    )
    .toSorted((a, b) => Math.abs(b.changeUsd) - Math.abs(a.changeUsd));
}

/** What changes less is not shown as a change: the total has no finer figures. */
const LEAST_SHOWN_USD = 0.005;

/** The effects that can be seen in the total. */
export function sensitivityTable(effects: readonly Effect[]): TextTable {
  const usd = usdIn(Math.max(...effects.map(({ totalUsd }) => totalUsd)));
  return {
    head: ['assumption', 'as it stands', 'instead', 'change, $', 'change', 'total, $'],
    rightFrom: 3,
    rows: effects
      .filter(({ changeUsd }) => Math.abs(changeUsd) >= LEAST_SHOWN_USD)
      .map(({ assumption, stands, instead, changeUsd, totalUsd }) => [
        assumption,
        stands,
        instead,
        signed(usd(changeUsd)),
        signed(percent(changeUsd / (totalUsd - changeUsd), 1)),
        usd(totalUsd),
      ]),
  };
}

function signed(text: string): string {
  return /^-|^[0.]+( %)?$/.test(text) ? text : `+${text}`;
}
