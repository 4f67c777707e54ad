import { createEmfMeasurements } from '../../src/adapters/emf/emf-measurements.ts';
import { PAYMENT_STATUSES } from '../../src/domain/payment.ts';
import type { FigureName } from '../../src/ports/measurements.ts';

/** Every figure that there is: one that is missing here does not compile. */
const FIGURES = {
  Backlog: true,
  DeadLetters: true,
  AuditLagSeconds: true,
  LateSuccess: true,
  FailedEvents: true,
} satisfies Record<FigureName, true>;

interface EmbeddedMetrics {
  _aws?: {
    CloudWatchMetrics?: { Namespace: string; Dimensions: string[][]; Metrics: { Name: string }[] }[];
  };
  [dimension: string]: unknown;
}

/** The metrics in a line of log, each with its dimensions and their values: what CloudWatch charges as one. */
export function metricsIn(line: string): string[] {
  if (!line.includes('"_aws"')) return [];
  const said = JSON.parse(line) as EmbeddedMetrics;
  return (said._aws?.CloudWatchMetrics ?? []).flatMap(({ Namespace, Dimensions, Metrics }) =>
    Dimensions.flatMap((names) => {
      const values = names.toSorted().map((name) => `${name}=${String(said[name])}`);
      return Metrics.map(({ Name }) => [Namespace, Name, ...values].join(' '));
    }),
  );
}

/** All that the code can print for one deployment, whether or not the run came by it. */
export function possibleMetrics(deployment: string): string[] {
  const found: string[] = [];
  const measurements = createEmfMeasurements({
    deployment,
    clock: { now: () => 0 },
    print: (line) => void found.push(...metricsIn(line)),
  });
  for (const status of PAYMENT_STATUSES) measurements.payments(status, 1);
  for (const name of Object.keys(FIGURES)) measurements.figure(name as FigureName, 1);
  return found;
}
