import { createEmfMeasurements } from '../adapters/emf/emf-measurements.ts';
import type { LineLogger } from '../adapters/lines/line-logger.ts';
import { required } from '../aws-config.ts';
import type { Measurements } from '../ports/measurements.ts';
import type { AwsBase } from './parts.ts';

/** Metrics by way of the function's own log. */
export function awsMeasurements({ config, clock }: AwsBase, logger: LineLogger): Measurements {
  return createEmfMeasurements({ deployment: required(config, 'DEPLOYMENT'), clock, print: logger.line });
}
