import { describe, expect, it } from 'vitest';
import { logLines } from './log-lines.ts';
import { apart, logTicks, ticks } from './scale.ts';
import { stackedBars } from './stacked-bars.ts';

const BARS = stackedBars({
  title: 'Costs & more',
  description: 'One bar twice as high as the other.',
  bars: [
    { name: 'low', parts: [part('a', 10), part('b', 20)] },
    { name: 'high <1>', parts: [part('a', 20), part('b', 40)] },
  ],
});

const LINES = logLines({
  title: 'Lines',
  description: 'Two lines.',
  xTitle: 'x',
  yTitle: 'y',
  lines: [
    { name: 'one', points: [point(10, 100), point(100, 10), point(1_000, 1)] },
    { name: 'two', points: [point(10, 100), point(100, 10), point(1_000, 1.1)] },
  ],
});

function part(name: string, value: number) {
  return { name, value };
}

function point(x: number, y: number) {
  return { x, y };
}

/** Names of open elements must be closed in the reverse order; attributes are quoted, and text is escaped. */
function faults(svg: string): string[] {
  const open: string[] = [];
  const found: string[] = [];
  const rest = svg.replaceAll(
    /<(\/?)([a-z]+)((?: [a-zA-Z0-9:-]+="[^"<>&]*(?:&[a-z]+;[^"<>&]*)*")*)(\/?)>/g,
    (_, ...groups) => {
      const [close, name, , empty] = groups as [string, string, string, string];
      if (close === '/') {
        if (open.pop() !== name) found.push(`</${name}>`);
      } else if (empty !== '/') open.push(name);
      return '';
    },
  );
  if (/[<>]|&(?!(?:amp|lt|gt|quot);)/.test(rest)) found.push(rest);
  return [...found, ...open];
}

function numbers(svg: string, element: RegExp): number[] {
  return [...svg.matchAll(element)].map((match) => Number(match[1]));
}

describe('a chart', () => {
  it.each([
    ['bars', BARS],
    ['lines', LINES],
  ])('of %s is well formed, has a title and a description, and a ground of its own', (_, svg) => {
    expect(faults(svg)).toEqual([]);
    expect(svg).toMatch(
      /^<svg [^>]*aria-labelledby="title desc"[^>]*>\n<title id="title">[^<]+<\/title>\n<desc id="desc">/,
    );
    expect(svg).toMatch(/<rect x="0" y="0" width="860" height="520" rx="8" fill="#ffffff"\/>/);
  });

  it('shows what is not well formed', () => {
    expect(faults('<svg><g></svg>')).not.toEqual([]);
    expect(faults('<svg>a & b</svg>')).not.toEqual([]);
  });

  it('writes text as text', () => {
    expect(BARS).toContain('Costs &amp; more');
    expect(BARS).toContain('high &lt;1&gt;');
  });
});

describe('stacked bars', () => {
  it('are as high as their values', () => {
    const heights = numbers(BARS, /<rect [^>]*height="([\d.]+)"[^>]*stroke=/g);
    expect(heights).toHaveLength(4);
    const [lowA, lowB, highA, highB] = heights as [number, number, number, number];
    expect([lowB / lowA, highA / lowA, highB / lowA].map((value) => Number(value.toFixed(3)))).toEqual([
      2, 2, 4,
    ]);
  });

  it('leave out what is nothing', () => {
    const one = stackedBars({
      title: 't',
      description: 'd',
      bars: [{ name: 'n', parts: [part('a', 0), part('b', 5)] }],
    });
    expect(numbers(one, /<rect [^>]*height="([\d.]+)"[^>]*stroke=/g)).toHaveLength(1);
  });
});

describe('lines over logarithmic axes', () => {
  it('go as far for each power of ten', () => {
    const places = numbers(LINES, /<circle cx="([\d.]+)"/g);
    expect(Number(((places[1] ?? 0) - (places[0] ?? 0)).toFixed(1))).toBe(
      Number(((places[2] ?? 0) - (places[1] ?? 0)).toFixed(1)),
    );
  });

  it('have names that do not lie on each other', () => {
    const names = numbers(LINES, /<text x="642" y="([\d.]+)" fill=/g);
    const weighted = [...LINES.matchAll(/<text x="642" y="([\d.]+)" fill="[^"]+" font-weight/g)].map((m) =>
      Number(m[1]),
    );
    expect(names.length).toBeGreaterThan(1);
    expect(Math.abs((weighted[0] ?? 0) - (weighted[1] ?? 0))).toBeGreaterThanOrEqual(32);
  });
});

describe('scales', () => {
  it('have round ticks that reach beyond the largest value', () => {
    expect(ticks(330, 6)).toEqual([0, 100, 200, 300, 400]);
    expect(ticks(9, 6)).toEqual([0, 2, 4, 6, 8, 10]);
  });

  it('have 1, 2 and 5 of each power of ten', () => {
    expect(logTicks(5, 200)).toEqual([5, 10, 20, 50, 100, 200]);
  });

  it('keep places apart, in order, and within the end', () => {
    expect(apart([10, 12, 100], 20, 200)).toEqual([10, 30, 100]);
    expect(apart([100, 99], 20, 100)).toEqual([100, 80]);
  });
});
