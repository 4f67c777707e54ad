import type { BillColumn } from './component-table.ts';
import type { CostOptions } from './options.ts';
import type { Report } from './report.ts';
import { perMillionUsd } from './systems.ts';

/** The report as one document for programs; amounts in US dollars a month. */
export function jsonReport(report: Report, { lines }: Pick<CostOptions, 'lines'>) {
  const { inputs, comparisons, choices, sensitivity, notSeen, unknown, region } = report;
  return {
    region,
    mix: inputs.mix,
    traced: Object.fromEntries(report.tracing.map(({ name, traced }) => [name, traced])),
    volumes: comparisons.map(({ paymentsPerMonth, ours, reference, before }) => {
      const system = ({ name, bill }: BillColumn) => ({
        name,
        total_usd: bill.totalUsd,
        per_million_usd: perMillionUsd(bill, paymentsPerMonth),
        saved_against_reference: 1 - bill.totalUsd / reference.bill.totalUsd,
        saved_against_before: 1 - bill.totalUsd / before.bill.totalUsd,
        by_component: bill.byComponent,
        ...(lines && { lines: bill.lines }),
      });
      return { payments_per_month: paymentsPerMonth, systems: [...ours, reference, before].map(system) };
    }),
    choices: choices.flat().map((result) => ({
      choice: result.choice,
      payments_per_month: result.paymentsPerMonth,
      total_usd: result.totalUsd,
      of_reference: result.ofReference,
      of_reference_of_four_attributes: result.ofReferenceOfFour,
      goal: result.goal,
    })),
    sensitivity: {
      system: sensitivity.system,
      payments_per_month: sensitivity.paymentsPerMonth,
      effects: sensitivity.effects.map(({ changeUsd, totalUsd, ...effect }) => ({
        ...effect,
        change_usd: changeUsd,
        total_usd: totalUsd,
      })),
    },
    refused: report.refused,
    prices_not_seen: notSeen.map(({ id, confidence }) => ({ id, confidence })),
    unknown,
  };
}
