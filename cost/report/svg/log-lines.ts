import { usd, volumeName } from '../amounts.ts';
import { document, element, type Frame, text } from './element.ts';
import { apart, logarithmic, logTicks } from './scale.ts';

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Line {
  readonly name: string;
  readonly points: readonly Point[];
}

interface Chart extends Omit<Frame, 'width' | 'height'> {
  readonly xTitle: string;
  readonly yTitle: string;
  readonly lines: readonly Line[];
}

const WIDTH = 860;
const HEIGHT = 520;
const PLOT = { left: 84, right: 620, top: 72, bottom: 440 } as const;
const LABEL_GAP = 32;

/** Dashes beside colours, for whoever sees the colours alike. */
const STYLES: readonly (readonly [stroke: string, dashes: string])[] = [
  ['#1b6ca8', 'none'],
  ['#2f7d5b', 'none'],
  ['#c0392b', '8 4'],
  ['#5c6b7a', '2 4'],
  ['#8e5ea2', '12 4 2 4'],
];

/** Lines over two logarithmic axes, each named at its right end with its last value. */
export function logLines({ lines, xTitle, yTitle, ...frame }: Chart): string {
  const all = lines.flatMap(({ points }) => points);
  const xs = all.map((point) => point.x);
  const ys = all.map((point) => point.y);
  const [leastY, mostY] = [below(Math.min(...ys)), above(Math.max(...ys))];
  const x = logarithmic(Math.min(...xs), Math.max(...xs), PLOT.left, PLOT.right);
  const y = logarithmic(leastY, mostY, PLOT.bottom, PLOT.top);
  const small = { 'font-size': 11, fill: '#52606d' };

  const rows = logTicks(leastY, mostY).flatMap((value) => [
    element('line', { x1: PLOT.left, x2: PLOT.right, y1: y(value), y2: y(value), stroke: '#d9e0e6' }),
    text(`$${value.toLocaleString('en-US')}`, PLOT.left - 8, y(value) + 4, {
      'text-anchor': 'end',
      ...small,
    }),
  ]);
  const columns = logTicks(Math.min(...xs), Math.max(...xs))
    .filter((value) => Number.isInteger(Math.log10(value)))
    .flatMap((value) => [
      element('line', { x1: x(value), x2: x(value), y1: PLOT.top, y2: PLOT.bottom, stroke: '#d9e0e6' }),
      text(volumeName(value), x(value), PLOT.bottom + 20, { 'text-anchor': 'middle', ...small }),
    ]);

  const ends = lines.map(({ points }) => points.at(-1) ?? { x: 1, y: 1 });
  const labels = apart(
    ends.map((end) => y(end.y)),
    LABEL_GAP,
    // Clear of the names below the axis.
    PLOT.bottom - 16,
  );
  const drawn = lines.flatMap(({ name, points }, i) => {
    const [stroke, dashes] = STYLES[i % STYLES.length] ?? ['#000000', 'none'];
    const end = ends[i] as Point;
    const at = labels[i] as number;
    const path = points.map((point) => `${x(point.x).toFixed(2)},${y(point.y).toFixed(2)}`).join(' ');
    return [
      element('polyline', {
        points: path,
        fill: 'none',
        stroke,
        'stroke-width': 2.5,
        'stroke-dasharray': dashes,
        'stroke-linejoin': 'round',
      }),
      ...points.map((point) =>
        element(
          'circle',
          { cx: x(point.x), cy: y(point.y), r: 3, fill: stroke },
          element('title', {}, `${volumeName(point.x)}: ${usd(point.y)}`),
        ),
      ),
      element('line', {
        x1: x(end.x) + 4,
        x2: PLOT.right + 18,
        y1: y(end.y),
        y2: at - 6,
        stroke,
        'stroke-width': 1,
      }),
      text(name, PLOT.right + 22, at - 2, { fill: stroke, 'font-weight': 600, 'font-size': 12 }),
      text(usd(end.y), PLOT.right + 22, at + 12, small),
    ];
  });

  return document({ ...frame, width: WIDTH, height: HEIGHT }, [
    text(frame.title, 26, 32, { 'font-size': 17, 'font-weight': 600 }),
    text(yTitle, 26, 54, small),
    text(xTitle, (PLOT.left + PLOT.right) / 2, PLOT.bottom + 48, { 'text-anchor': 'middle', ...small }),
    ...rows,
    ...columns,
    ...drawn,
  ]);
}

/** The next of 1, 2 and 5 of a power of ten. */
function above(value: number): number {
  return logTicks(value, value * 10)[0] ?? value;
}

function below(value: number): number {
  return logTicks(value / 10, value).at(-1) ?? value;
}
