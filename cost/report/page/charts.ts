import { COMPONENTS } from '../../bill/usage.ts';
import { TEN_MILLION } from '../choices.ts';
import { logLines } from '../svg/log-lines.ts';
import { stackedBars } from '../svg/stacked-bars.ts';
import { type Inputs, perMillionUsd, type System } from '../systems.ts';

/** From 10 thousand to 10 billion payments a month, three to each power of ten. */
const VOLUMES = [4, 5, 6, 7, 8, 9]
  .flatMap((power) => [1, 2, 5].map((factor) => factor * 10 ** power))
  .concat(1e10);

export interface Drawn {
  readonly system: System;
  /** Under its bar, one or two lines. */
  readonly label: string;
}

/** What each system's bill is made of. */
export function componentChart(drawn: readonly Drawn[], inputs: Inputs): string {
  const bars = drawn.map(({ system, label }) => {
    const { byComponent } = system.billAt(TEN_MILLION, inputs);
    return { name: label, parts: COMPONENTS.map((name) => ({ name, value: byComponent[name] })) };
  });
  const totals = bars.map(({ name, parts }) => {
    const total = parts.reduce((sum, { value }) => sum + value, 0);
    return `${name.replace('\n', ' ')} ${Math.round(total)}`;
  });
  return stackedBars({
    title: '10 million payments a month, US dollars',
    description: `Stacked bars of the monthly bill by component. Totals in US dollars: ${totals.join(', ')}.`,
    bars,
  });
}

/** What a million payments cost, against how many there are. */
export function volumeChart(drawn: readonly Drawn[], inputs: Inputs): string {
  const lines = drawn.map(({ system, label }) => ({
    name: label.replace('\n', ' '),
    points: VOLUMES.map((x) => ({ x, y: perMillionUsd(system.billAt(x, inputs), x) })),
  }));
  return logLines({
    title: 'What a million payments cost, by the number of payments',
    description:
      'Lines on two logarithmic axes: US dollars for a million payments, from 10 thousand to 10 billion payments a ' +
      'month. All fall steeply while fixed prices weigh, and level out where each payment is paid for.',
    xTitle: 'payments a month',
    yTitle: 'US dollars for a million payments',
    lines,
  });
}
