import { type AlarmDefinition, FEW } from './alarm-definition.ts';
import { type ApiMetrics, failureRate } from './metrics.ts';

/** Waiting requests (`Prefer: wait`) take up to 3 seconds by themselves. */
const SLOW_MS = 5_000;

export function apiAlarms({ requests, clientErrors, serverErrors, latency }: ApiMetrics): AlarmDefinition[] {
  return [
    {
      name: 'api-4xx-errors',
      says: 'More than 10 % of the requests are refused: a broken client, a revoked key, a probe.',
      metric: failureRate(clientErrors, requests, 50, '4xx (%)'),
      threshold: 10,
      periods: 3,
    },
    {
      name: 'api-5xx-errors',
      says: 'More than 5 % of the requests fail by our fault: merchants cannot pay.',
      metric: failureRate(serverErrors, requests, FEW, '5xx (%)'),
      threshold: 5,
      rollsBack: true,
    },
    {
      name: 'api-latency-p99',
      says: `One request in a hundred takes longer than ${SLOW_MS / 1_000} seconds.`,
      metric: latency('p99'),
      threshold: SLOW_MS,
      periods: 3,
    },
  ];
}
