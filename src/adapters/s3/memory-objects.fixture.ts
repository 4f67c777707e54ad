import type { AuditEntry } from '../../ports/audit-log.ts';
import type { Logger } from '../../ports/logger.ts';
import type { AuditObjects } from './audit-objects.ts';
import { MAX_OBJECT_BYTES } from './object-lines.ts';

export interface MemoryObjects extends AuditObjects {
  /** By number; a test may change what is there. */
  kept: Map<number, Uint8Array>;
}

/** The objects of an audit log in memory, which keep the promises of S3's. */
export function memoryObjects(): MemoryObjects {
  const kept = new Map<number, Uint8Array>();
  return {
    kept,
    async putIfAbsent(number, bytes) {
      if (kept.has(number)) return 'taken';
      kept.set(number, bytes);
      return 'put';
    },
    async get(number) {
      const bytes = kept.get(number);
      if (!bytes) return 'missing';
      return bytes.length > MAX_OBJECT_BYTES ? 'too_large' : bytes;
    },
    async numbersAfter(number, limit) {
      const after = [...kept.keys()].filter((one) => one > number).sort((a, b) => a - b);
      return after.slice(0, limit);
    },
  };
}

export function entries(count: number, first = 1): AuditEntry[] {
  return Array.from({ length: count }, (_, index) => ({
    payment_id: `order-${first + index}`,
    merchant_id: 'm_1',
    livemode: false,
    version: 1,
    kind: 'charge',
    note: 'x'.repeat((first + index) % 7),
  }));
}

export interface RecordingLogger extends Logger {
  errors: object[];
}

export function recordingLogger(): RecordingLogger {
  const errors: object[] = [];
  const ignore = () => undefined;
  return { errors, debug: ignore, info: ignore, warn: ignore, error: (fields) => void errors.push(fields) };
}
