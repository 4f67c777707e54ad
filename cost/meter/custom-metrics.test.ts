import { expect, it } from 'vitest';
import { createEmfMeasurements } from '../../src/adapters/emf/emf-measurements.ts';
import { metricsIn, possibleMetrics } from './custom-metrics.ts';

it('finds in a line each metric with the values of its dimensions', () => {
  const lines: string[] = [];
  const clock = { now: () => 0 };
  const measurements = createEmfMeasurements({
    deployment: 'dev1',
    clock,
    print: (line) => void lines.push(line),
  });
  measurements.payments('completed', 12);
  measurements.payments('completed', 3);
  measurements.figure('Backlog', 7);
  expect(new Set(lines.flatMap(metricsIn))).toEqual(
    new Set(['Tollgate Payments Deployment=dev1 Status=completed', 'Tollgate Backlog Deployment=dev1']),
  );
});

it('finds none in any other line', () => {
  expect(metricsIn('{"level":"warn","msg":"work will be tried again"}')).toEqual([]);
});

it('knows what can be printed without having seen it: six statuses and five figures', () => {
  expect(new Set(possibleMetrics('dev1')).size).toBe(11);
});
