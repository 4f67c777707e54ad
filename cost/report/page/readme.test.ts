import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const root = new URL('../../../', import.meta.url);
const linesOf = (file: string) => readFileSync(new URL(file, root), 'utf8').split('\n');
const cells = (line: string) => line.split('|').map((cell) => cell.trim());
const dollars = (cell: string | undefined) => Math.round(Number((cell ?? '').replaceAll(/[$,]/g, '')));

/** Totals on the generated page, in the order of the volumes: of the summary, or of the tables of choices. */
function onPage(name: string): number[] {
  const rows = linesOf('docs/cost.md').map(cells);
  const summary = rows.find(([, first, second]) => first === name && second?.startsWith('$'));
  if (summary) return summary.slice(2, 5).map(dollars);
  return rows.filter(([, first]) => first === name).map(([, , total]) => dollars(total));
}

it.each([
  ['`prod` as it comes', '`prod`'],
  ['`nat=instance workers=lambda edge=cloudfront`', 'nat=instance, workers=lambda, edge=cloudfront'],
  [
    'the same with `provisionedPaymentsPerSecond=8`',
    'nat=instance, workers=lambda, edge=cloudfront, provisionedPaymentsPerSecond=8',
  ],
  ['the reference design that it is measured against', 'reference'],
])('the README says what the generated page does of %s', (inReadme, onThePage) => {
  const row = linesOf('README.md')
    .map(cells)
    .find(([, first]) => first === inReadme);
  expect(row?.slice(2, 5).map(dollars)).toEqual(onPage(onThePage));
});
