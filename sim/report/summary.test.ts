import { describe, expect, it } from 'vitest';
import type { Life } from '../run-life.ts';
import { renderSummary } from './render-summary.ts';
import { addLife, addSummary, emptySummary, missingFaults } from './summary.ts';

function aLife(given: Partial<Life> = {}): Life {
  return { seed: 1n, runtime: 'memory', events: 300, traceHash: '', failure: null, met: {}, ...given };
}

describe('the summary of many lives', () => {
  it('adds up what workers have seen, and keeps the failures in the order of their seeds', () => {
    const [one, other] = [emptySummary(), emptySummary()];
    const failure = { invariant: 4, message: 'too much', event: 7 };
    addLife(one, aLife({ seed: 12n, failure, met: { 'fault:crash': 2 } }));
    addLife(
      other,
      aLife({ seed: 3n, runtime: 'sqlite', failure, met: { 'fault:crash': 1, 'status:failed': 1 } }),
    );
    addSummary(one, other);
    expect(one).toMatchObject({
      lives: { memory: 1, sqlite: 1, aws: 0 },
      events: 600,
      failed: 2,
      met: { 'fault:crash': 3, 'status:failed': 1 },
      failures: [{ seed: '3' }, { seed: '12' }],
    });
  });

  it('names a fault that never struck once there were lives enough for it', () => {
    const summary = emptySummary();
    summary.met['fault:crash'] = 1;
    const missing = () => missingFaults(summary, ['crash', 'throttled', 'powerCut'], { powerCut: 'sqlite' });
    summary.lives.memory = 499;
    expect(missing()).toEqual([]);
    summary.lives.memory = 500;
    expect(missing()).toEqual(['throttled']);
    summary.lives.sqlite = 100;
    expect(missing()).toEqual(['throttled', 'powerCut']);
  });

  it('says how many lives there were, how fast, and how often what was met', () => {
    const summary = emptySummary();
    for (const seed of [1n, 2n]) addLife(summary, aLife({ seed, met: { 'fault:crash': 600, letters: 1 } }));
    summary.busyMs = 40;
    expect(renderSummary(summary, 20, 2)).toBe(
      [
        '2 lives (memory 2, sqlite 0, aws 0), 600 events, 300 a life',
        '0.0 s with 2 workers: 100 lives/s, 50 lives/s of a core’s time',
        'fault:',
        '  crash 1,200',
        'other:',
        '  letters 2',
        '',
      ].join('\n'),
    );
  });
});
