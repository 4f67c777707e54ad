import { usd } from '../amounts.ts';
import { document, element, type Frame, text } from './element.ts';
import { linear, ticks } from './scale.ts';

export interface Part {
  readonly name: string;
  readonly value: number;
}

export interface Bar {
  readonly name: string;
  /** In the same order in each bar, the lowest first. */
  readonly parts: readonly Part[];
}

interface Chart extends Omit<Frame, 'width' | 'height'> {
  readonly bars: readonly Bar[];
}

const WIDTH = 860;
const HEIGHT = 520;
const PLOT = { left: 70, right: 640, top: 64, bottom: 460 } as const;
const LEGEND_LEFT = 668;
const LEGEND_LINE = 24;
/** A part below this height has no room for its figure. */
const LABELLED_HEIGHT = 15;

/** Far enough apart beside each other, in this order; text on them is white or dark, as it can be read. */
const COLOURS: readonly (readonly [fill: string, ink: string])[] = [
  ['#1b6ca8', '#ffffff'],
  ['#c0392b', '#ffffff'],
  ['#f2a541', '#1f2933'],
  ['#2f7d5b', '#ffffff'],
  ['#8e5ea2', '#ffffff'],
  ['#e07b91', '#1f2933'],
  ['#5c6b7a', '#ffffff'],
  ['#a07850', '#ffffff'],
  ['#76b7e5', '#1f2933'],
  ['#b5bd4c', '#1f2933'],
  ['#3f3d56', '#ffffff'],
  ['#d0b8e8', '#1f2933'],
];

/** Bars of US dollars a month, each made of its parts, with a legend of them. */
export function stackedBars({ bars, ...frame }: Chart): string {
  const totals = bars.map(({ parts }) => parts.reduce((sum, { value }) => sum + value, 0));
  const marks = ticks(Math.max(...totals), 6);
  const y = linear(0, marks.at(-1) ?? 1, PLOT.bottom, PLOT.top);
  const slot = (PLOT.right - PLOT.left) / bars.length;
  const width = Math.min(96, slot * 0.62);
  const names = [...new Set(bars.flatMap(({ parts }) => parts.map(({ name }) => name)))];
  const colour = (name: string) => COLOURS[names.indexOf(name) % COLOURS.length] ?? ['#000000', '#ffffff'];

  const drawn = bars.map(({ name, parts }, i) => {
    const middle = PLOT.left + slot * (i + 0.5);
    let below = 0;
    const pieces = parts.flatMap((part) => {
      if (part.value <= 0) return [];
      const [fill, ink] = colour(part.name);
      const top = y(below + part.value);
      const height = y(below) - top;
      below += part.value;
      const label = `${part.name}: ${usd(part.value)}`;
      const box = element(
        'rect',
        { x: middle - width / 2, y: top, width, height, fill, stroke: '#ffffff', 'stroke-width': 0.75 },
        element('title', {}, label),
      );
      if (height < LABELLED_HEIGHT) return [box];
      const figure = usd(Math.round(part.value)).replace('.00', '');
      const inside = { 'text-anchor': 'middle', fill: ink, 'font-size': 11 };
      return [box, text(figure, middle, top + height / 2 + 4, inside)];
    });
    const centred = { 'text-anchor': 'middle' };
    const total = usd(Math.round(below)).replace('.00', '');
    return [
      ...pieces,
      text(total, middle, y(below) - 8, { ...centred, 'font-weight': 600 }),
      ...name
        .split('\n')
        .map((line, at) => text(line, middle, PLOT.bottom + 20 + at * 16, { ...centred, 'font-size': 12 })),
    ].join('\n');
  });

  const grid = marks.flatMap((mark) => [
    element('line', { x1: PLOT.left, x2: PLOT.right, y1: y(mark), y2: y(mark), stroke: '#d9e0e6' }),
    text(`$${mark.toLocaleString('en-US')}`, PLOT.left - 8, y(mark) + 4, {
      'text-anchor': 'end',
      'font-size': 11,
      fill: '#52606d',
    }),
  ]);

  // The legend from the top down, as the parts lie.
  const legend = names.toReversed().flatMap((name, i) => {
    const top = PLOT.top + i * LEGEND_LINE;
    return [
      element('rect', { x: LEGEND_LEFT, y: top, width: 14, height: 14, rx: 2, fill: colour(name)[0] }),
      text(name, LEGEND_LEFT + 22, top + 12, { 'font-size': 12 }),
    ];
  });

  return document({ ...frame, width: WIDTH, height: HEIGHT }, [
    text(frame.title, PLOT.left - 44, 32, { 'font-size': 17, 'font-weight': 600 }),
    ...grid,
    ...drawn,
    ...legend,
  ]);
}
