import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { table } from '../../src/cli/table.ts';
import { readMeasured } from '../meter/read-measured.ts';
import { readMix } from '../mix/mix.ts';
import { usagesOf } from '../model/usages.ts';
import { readTemplate } from '../template/read-template.ts';
import { synthesise } from '../template/synthesise.ts';
import { CeilingsSchema, excesses, perPayment, unused } from './budget.ts';

/** Whether a payment takes more than it may: `npm run cost:budget`. Exit code 1 names the lines of the bill that grew. */

const CEILINGS = new URL('./ceilings.json', import.meta.url);
const MEASURED = new URL('../meter/measured.json', import.meta.url);
const FIGURES = 4;

const { measured: file, show } = new Command('cost:budget')
  .description('Compares what was metered for a payment, in prod as it comes, with the ceilings.')
  .option('--measured <file>', 'what the meter wrote', MEASURED.pathname)
  .option('--show', 'print every line, also those within their ceiling')
  .allowExcessArguments(false)
  .parse()
  .opts<{ measured: string; show?: true }>();

const ceilings = CeilingsSchema.parse(JSON.parse(readFileSync(CEILINGS, 'utf8')));
const context = { environmentSuffix: 'cost', profile: 'prod', allowSimulator: 'true' };
const reading = readTemplate(await synthesise(context), { profile: 'prod' });
const { paymentsPerMonth } = ceilings;
const units = perPayment(
  usagesOf({ reading, measured: readMeasured(file), mix: readMix(), paymentsPerMonth }),
  paymentsPerMonth,
);
const over = excesses(units, ceilings);
const stale = unused(units, ceilings);

const text = (value: number | null | undefined) =>
  value == null ? 'none' : String(Number(value.toPrecision(FIGURES)));
const lines = show
  ? Object.entries(units).map(([line, value]) => ({
      line,
      perPayment: value,
      ceiling: ceilings.perPayment[line] ?? null,
    }))
  : over;
if (lines.length > 0) {
  const printed = table(lines, [
    { title: 'LINE OF THE BILL', of: ({ line }) => line },
    { title: 'FOR ONE PAYMENT', of: (one) => text(one.perPayment) },
    { title: 'CEILING', of: ({ ceiling }) => text(ceiling) },
    { title: '', of: (one) => (over.some(({ line }) => line === one.line) ? 'exceeded' : '') },
  ]);
  process.stdout.write(`${printed}\n`);
}
for (const line of stale)
  process.stdout.write(`No such line is on the bill any more: ${line}. Take its ceiling out.\n`);
process.stdout.write(
  over.length + stale.length === 0
    ? `A payment keeps its budget: ${Object.keys(units).length} lines, each within its ceiling.\n`
    : 'A payment costs more than it may. Mend the change, or raise the ceiling in cost/budget/ceilings.json and say why.\n',
);
process.exitCode = over.length + stale.length === 0 ? 0 : 1;
