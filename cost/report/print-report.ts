import { volumeName } from './amounts.ts';
import { choiceTable } from './choices.ts';
import { componentTable } from './component-table.ts';
import { lineTable, NOT_SEEN } from './line-table.ts';
import { priceText } from './not-seen.ts';
import type { CostOptions } from './options.ts';
import type { Comparison, Report } from './report.ts';
import { sensitivityTable } from './sensitivity.ts';
import { mixLines } from './stated-mix.ts';
import { tracingLines } from './stated-tracing.ts';
import { renderText } from './text-table.ts';

/** The report for a terminal. */
export function printReport(report: Report, { lines }: Pick<CostOptions, 'lines'>): string {
  const { comparisons, choices, sensitivity, inputs } = report;
  return [
    `List prices of ${report.region}, less what an account has for nothing each month. ${NOT_SEEN_NOTE}`,
    [...mixLines(inputs.mix), ...tracingLines(report.tracing)].join('\n'),
    ...comparisons.map(comparisonText),
    ...(lines ? comparisons.map(linesText) : []),
    ...choices.map((results) => renderText(choiceTable(results))),
    ...report.refused.map(({ choice, why }) => `Not with these settings: ${choice}\n${why}`),
    section(
      `What moves the total most: ${sensitivity.system}, ${volumeName(sensitivity.paymentsPerMonth)} payments a month`,
      renderText(sensitivityTable(sensitivity.effects)),
    ),
    footnotes(report),
  ].join('\n\n');
}

const NOT_SEEN_NOTE = `Prices that nobody has read there are named below, and marked ${NOT_SEEN} in a bill's lines.`;

function section(title: string, text: string): string {
  return `== ${title}\n${text}`;
}

function comparisonText({ paymentsPerMonth, ours, reference, before }: Comparison): string {
  return section(
    `${volumeName(paymentsPerMonth)} payments a month`,
    renderText(componentTable([...ours, reference, before], [reference, before], paymentsPerMonth)),
  );
}

function linesText({ paymentsPerMonth, ours, reference, before }: Comparison): string {
  return [...ours, reference, before]
    .map(({ name, bill }) =>
      section(`${name}, ${volumeName(paymentsPerMonth)} payments a month`, renderText(lineTable(bill))),
    )
    .join('\n\n');
}

function footnotes({ notSeen, unknown }: Report): string {
  return [
    notSeen.length === 0
      ? 'Every price was read in the list.'
      : [`${NOT_SEEN} not read in the list:`, ...notSeen.map((price) => `  ${priceText(price)}`)].join('\n'),
    ...(unknown.length === 0
      ? []
      : [
          [
            'NOT IN THE TOTAL, as nobody has said what it costs (teach cost/template):',
            ...unknown.map((resource) => `  ${resource}`),
          ].join('\n'),
        ]),
  ].join('\n\n');
}
