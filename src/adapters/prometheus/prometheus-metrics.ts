import { AggregatorRegistry, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Metrics } from '../../ports/metrics.ts';

/** Read when somebody asks for the metrics, and not before. */
export interface Gauges {
  [name: string]: { help: string; read: () => number | Promise<number> };
}

/** Seconds: from a tenth of a millisecond, since most answers take less than one, to the longest `Prefer: wait`. */
const BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 30];

type RequestMetrics = Pick<Metrics, 'stopwatch' | 'request'>;

function requestMetrics(registers: Registry[]): RequestMetrics {
  const requests = new Histogram({
    name: 'tollgate_http_request_duration_seconds',
    help: 'Requests, by route template, method and status, with the time they took.',
    labelNames: ['route', 'method', 'status'],
    buckets: BUCKETS,
    registers,
  });
  const known = new Map<string, { observe(seconds: number): void }>();
  return {
    stopwatch() {
      const startMs = performance.now();
      return () => (performance.now() - startMs) / 1_000;
    },
    request(route, method, status, seconds) {
      // Found by one text: building and hashing a set of labels for each request costs more than counting it.
      const name = `${status} ${method} ${route}`;
      let series = known.get(name);
      if (!series) {
        series = requests.labels({ route, method, status });
        known.set(name, series);
      }
      series.observe(seconds);
    },
  };
}

/** What a thread that talks HTTP counts, for the thread that is asked for the metrics. */
export function createRequestMetrics(): RequestMetrics & { counts(): Promise<object[]> } {
  const registry = new Registry();
  return { ...requestMetrics([registry]), counts: () => registry.getMetricsAsJSON() };
}

/** @param others what other threads have counted */
export function createPrometheusMetrics(
  gauges: Gauges,
  others: () => Promise<object[][]> = async () => [],
): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const payments = new Counter({
    name: 'tollgate_payments_total',
    help: 'Payments that reached a status since this process started.',
    labelNames: ['status'],
    registers,
  });
  const lateSuccesses = new Counter({
    name: 'tollgate_late_successes_total',
    help: 'Charges that a PSP reported after it had confirmed their cancel. Each was reversed; alarm on any.',
    registers,
  });
  for (const [name, { help, read }] of Object.entries(gauges)) {
    new Gauge({
      name,
      help,
      registers,
      async collect() {
        this.set(await read());
      },
    });
  }
  return {
    ...requestMetrics(registers),
    payment: (status) => payments.inc({ status }),
    lateSuccess: () => lateSuccesses.inc(),
    async render() {
      const counted = await others();
      if (counted.length === 0) return registry.metrics();
      return AggregatorRegistry.aggregate([await registry.getMetricsAsJSON(), ...counted]).metrics();
    },
  };
}
