import { ONE_BILLION, TEN_MILLION } from '../choices.ts';
import { gather, type Sources } from '../gather.ts';
import { PROFILES } from '../options.ts';
import { createReport } from '../report.ts';
import { BEFORE, REFERENCE } from '../systems.ts';
import { UnusableError } from '../unusable-error.ts';
import { componentChart, type Drawn, volumeChart } from './charts.ts';
import { renderPage } from './page.ts';

const VOLUMES = [100_000, TEN_MILLION, ONE_BILLION];

/** Text of each generated file, by its path from the root. */
export async function renderDocs(sources: Sources): Promise<ReadonlyMap<string, string>> {
  const gathered = await gather({ region: 'us-east-1', profiles: PROFILES, context: {} }, sources);
  const report = createReport(gathered, VOLUMES);
  if (report.unknown.length > 0) {
    throw new UnusableError(
      `The template has what nobody has said the price of: ${report.unknown.join(', ')}.`,
    );
  }
  const { inputs, choices, refused } = gathered;
  const [first] = refused;
  if (first) throw new UnusableError(`${first.choice}: ${first.why}`);
  const drawn: readonly Drawn[] = [
    ...picked(choices[0]?.system, 'Tollgate\nprod'),
    ...picked(choices.at(-1)?.system, 'Tollgate\nall choices'),
    { system: REFERENCE, label: 'reference\nas written' },
    { system: BEFORE, label: 'before the\nreference' },
  ];
  return new Map([
    ['docs/cost.md', renderPage(report, choices)],
    ['docs/cost/components.svg', componentChart(drawn, inputs)],
    ['docs/cost/volume.svg', volumeChart(drawn, inputs)],
  ]);
}

function picked(system: Drawn['system'] | undefined, label: string): readonly Drawn[] {
  return system ? [{ system, label }] : [];
}
