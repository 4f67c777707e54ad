import type { Clock } from '../../ports/clock.ts';
import type { FigureName, Measurements } from '../../ports/measurements.ts';

/** Of every metric of ours; what alarms and dashboards look for. */
const NAMESPACE = 'Tollgate';

const UNITS: Record<FigureName, 'Count' | 'Seconds'> = {
  Backlog: 'Count',
  DeadLetters: 'Count',
  AuditLagSeconds: 'Seconds',
  LateSuccess: 'Count',
  FailedEvents: 'Count',
};

interface Deps {
  /** The suffix of the deployment: its dimension. */
  deployment: string;
  clock: Clock;
  /** Takes one line of log, without a newline. */
  print: (line: string) => void;
}

/**
 * Metrics as lines of log, in CloudWatch's embedded metric format: no call of its own, so nothing to wait for, to fail
 * or to pay for on the way of a payment.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function createEmfMeasurements({ deployment, clock, print }: Deps): Measurements {
  function put(name: string, unit: string, value: number, labels: Record<string, string>): void {
    const dimensions = { Deployment: deployment, ...labels };
    print(
      JSON.stringify({
        _aws: {
          Timestamp: clock.now(),
          CloudWatchMetrics: [
            {
              Namespace: NAMESPACE,
              Dimensions: [Object.keys(dimensions)],
              Metrics: [{ Name: name, Unit: unit }],
            },
          ],
        },
        ...dimensions,
        [name]: value,
      }),
    );
  }
  return {
    payments: (status, count) => put('Payments', 'Count', count, { Status: status }),
    figure: (name, value) => put(name, UNITS[name], value, {}),
  };
}
