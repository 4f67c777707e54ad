import { describe, expect, it } from 'vitest';
import { bill } from '../bill/bill.ts';
import type { Component, Usage } from '../bill/usage.ts';
import { choiceResults, choiceTable } from './choices.ts';
import { componentTable } from './component-table.ts';
import { lineTable } from './line-table.ts';
import { pricesNotSeen } from './not-seen.ts';
import { someInputs, someReading } from './report.fixture.ts';
import { deployed, REFERENCE } from './systems.ts';
import { renderMarkdown, renderText } from './text-table.ts';

const { list } = someInputs();

function usage(component: Component, price: string, quantity: number): Usage {
  return { component, what: `some ${price}`, price, quantity, basis: 'template', derivation: 'as is' };
}

const LEFT = { name: 'left', bill: bill([usage('network', 'nat.hour', 100)], [], list) };
const RIGHT = {
  name: 'right',
  bill: bill([usage('network', 'nat.hour', 200), usage('security', 'kms.key', 1)], [], list),
};

describe('bills beside each other', () => {
  // 100 h × 0.045 = 4.50; 200 h = 9.00 and a key for 1.00.
  const compared = componentTable([LEFT, RIGHT], [RIGHT], 2_000_000);

  it('have a row for each component that somebody pays for, and what it comes to', () => {
    expect(compared).toEqual({
      head: ['US dollars a month', 'left', 'right'],
      rows: [
        ['network', '4.50', '9.00'],
        ['security', '0.00', '1.00'],
        ['total', '4.50', '10.00'],
        ['per million payments', '2.25', '5.00'],
        ['saved against right', '55 %', ''],
      ],
    });
  });

  it('stand in aligned columns on a terminal', () => {
    expect(renderText(compared).split('\n').slice(0, 3)).toEqual([
      'US dollars a month    left  right',
      'network               4.50   9.00',
      'security              0.00   1.00',
    ]);
  });

  it('are a table on the page, with numbers at the right and no cell that breaks it', () => {
    expect(renderMarkdown({ head: ['a', 'b'], rows: [['x | y\nz', '1']] })).toBe(
      '| a | b |\n|---|---:|\n| x \\| y z | 1 |',
    );
  });
});

describe('a bill line by line', () => {
  it('has each line with where it comes from, and the sum', () => {
    expect(lineTable(RIGHT.bill).rows).toEqual([
      ['network', 'some nat.hour', 'template', 'as is', 'nat.hour', '200', '9.00'],
      ['security', 'some kms.key', 'template', 'as is', 'kms.key', '1', '1.00'],
      ['total', '', '', '', '', '', '10.00'],
    ]);
  });

  it('marks prices that were not read in the list', () => {
    const unsure = [...list.prices.values()].find(({ confidence }) => confidence === 'remembered');
    const billed = bill([usage('edge', unsure?.id ?? '', 1), usage('network', 'nat.hour', 1)], [], list);
    expect(
      lineTable(billed)
        .rows.map((row) => row[4])
        .toSorted(),
    ).toEqual(['', `${unsure?.id} *`, 'nat.hour'].toSorted());
    expect(pricesNotSeen([billed, billed], list).map(({ id }) => id)).toEqual([unsure?.id]);
  });
});

describe('the choices', () => {
  const inputs = someInputs();
  const reading = someReading();
  const results = choiceResults(
    [
      { choice: { name: 'easy', context: {}, goals: { 1000: 0.99 } }, system: deployed('a', reading) },
      { choice: { name: 'hard', context: {}, goals: { 1000: 0.01 } }, system: deployed('b', reading) },
      { choice: { name: 'free', context: {}, goals: {} }, system: deployed('c', reading) },
    ],
    inputs,
    1_000,
  );

  it('are set against the reference, and against the letter of it', () => {
    const reference = REFERENCE.billAt(1_000, inputs).totalUsd;
    const [easy] = results;
    expect(easy?.ofReference).toBeCloseTo((easy?.totalUsd ?? 0) / reference, 12);
    expect(easy?.ofReferenceOfFour).toBeGreaterThanOrEqual(easy?.ofReference ?? 0);
  });

  it('say whether their goal is met', () => {
    expect(choiceTable(results).rows.map(([name, , , , goal, met]) => [name, goal, met])).toEqual([
      ['easy', '0.99', 'met'],
      ['hard', '0.01', 'missed'],
      ['free', '', ''],
    ]);
  });
});
