import { type AlarmDefinition, FEW } from './alarm-definition.ts';
import { type ApiStage, apiMetric, failureRate } from './metrics.ts';

/** Waiting requests (`Prefer: wait`) take up to 3 seconds by themselves. */
const SLOW_MS = 5_000;

export function apiAlarms(stage: ApiStage): AlarmDefinition[] {
  const count = apiMetric(stage, 'Count', 'Sum');
  return [
    {
      name: 'api-4xx-errors',
      says: 'More than 10 % of the requests are refused: a broken client, a revoked key, a probe.',
      metric: failureRate(apiMetric(stage, '4XXError', 'Sum'), count, 50, '4xx (%)'),
      threshold: 10,
      periods: 3,
    },
    {
      name: 'api-5xx-errors',
      says: 'More than 5 % of the requests fail by our fault: merchants cannot pay.',
      metric: failureRate(apiMetric(stage, '5XXError', 'Sum'), count, FEW, '5xx (%)'),
      threshold: 5,
      rollsBack: true,
    },
    {
      name: 'api-latency-p99',
      says: `One request in a hundred takes longer than ${SLOW_MS / 1_000} seconds.`,
      metric: apiMetric(stage, 'Latency', 'p99'),
      threshold: SLOW_MS,
      periods: 3,
    },
  ];
}
