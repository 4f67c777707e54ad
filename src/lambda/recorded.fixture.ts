import type { PaymentStatus } from '../domain/payment.ts';
import type { Logger } from '../ports/logger.ts';
import type { FigureName, Measurements } from '../ports/measurements.ts';

export interface RecordedLog extends Logger {
  /** `level: message`, oldest first. */
  lines: string[];
}

export function recordedLog(): RecordedLog {
  const lines: string[] = [];
  const at = (level: string) => (_fields: object, message: string) => void lines.push(`${level}: ${message}`);
  return { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

export interface RecordedMeasurements extends Measurements {
  taken: (readonly [PaymentStatus | FigureName, number])[];
}

export function recordedMeasurements(): RecordedMeasurements {
  const taken: RecordedMeasurements['taken'] = [];
  const take = (name: PaymentStatus | FigureName, value: number) => void taken.push([name, value]);
  return { taken, payments: take, figure: take };
}
