import { expect, it } from 'vitest';
import { createEmfMeasurements } from './emf-measurements.ts';

function printed() {
  const lines: unknown[] = [];
  const measurements = createEmfMeasurements({
    deployment: 'dev123',
    clock: { now: () => 1_772_443_800_000 },
    print: (line) => {
      expect(line).not.toContain('\n');
      lines.push(JSON.parse(line));
    },
  });
  return { lines, measurements };
}

it('writes payments of a status as one metric with two dimensions', () => {
  const { lines, measurements } = printed();
  measurements.payments('completed', 12);
  expect(lines).toEqual([
    {
      _aws: {
        Timestamp: 1_772_443_800_000,
        CloudWatchMetrics: [
          {
            Namespace: 'Tollgate',
            Dimensions: [['Deployment', 'Status']],
            Metrics: [{ Name: 'Payments', Unit: 'Count' }],
          },
        ],
      },
      Deployment: 'dev123',
      Status: 'completed',
      Payments: 12,
    },
  ]);
});

it('writes a figure with its unit, and has its value where its dimensions are', () => {
  const { lines, measurements } = printed();
  measurements.figure('AuditLagSeconds', 61.5);
  expect(lines).toMatchObject([
    {
      _aws: {
        CloudWatchMetrics: [
          { Dimensions: [['Deployment']], Metrics: [{ Name: 'AuditLagSeconds', Unit: 'Seconds' }] },
        ],
      },
      Deployment: 'dev123',
      AuditLagSeconds: 61.5,
    },
  ]);
});
