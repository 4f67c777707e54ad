import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AuditEntry } from '../../ports/audit-log.ts';
import type { Timers } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import { type TestAnchor, testAnchor } from './anchor.fixture.ts';
import { type FilesAuditLog, openFilesAuditLog } from './files-audit-log.ts';
import type { LogFiles } from './log-files.ts';

/** Timers that only count: a wait is over at once. */
export function countingTimers(
  onSleep: (sleeps: number) => void = () => undefined,
): Pick<Timers, 'sleep'> & { sleptMs: number } {
  let sleeps = 0;
  return {
    sleptMs: 0,
    async sleep(ms) {
      this.sleptMs += ms;
      sleeps += 1;
      onSleep(sleeps);
    },
  };
}

export function recordingLogger(): Logger & { warnings: object[] } {
  const warnings: object[] = [];
  const ignore = () => undefined;
  return { warnings, debug: ignore, info: ignore, warn: (fields) => warnings.push(fields), error: ignore };
}

/** A folder of its own for one test, and what belongs to a log in it. */
export interface AuditFolder {
  folder: string;
  anchor: TestAnchor;
  logger: ReturnType<typeof recordingLogger>;
  open(options?: { segmentBytes?: number; files?: LogFiles }): Promise<FilesAuditLog>;
  /** Segment names and their bytes. */
  read(): Map<string, Buffer>;
  /** Makes the folder hold these segments and no others. */
  write(segments: ReadonlyMap<string, Uint8Array>): void;
  /** Closes every log that was opened, and removes the folder. */
  remove(): Promise<void>;
}

export function auditFolder(): AuditFolder {
  const root = mkdtempSync(join(tmpdir(), 'tollgate-audit-'));
  const folder = join(root, 'audit');
  const anchor = testAnchor();
  const logger = recordingLogger();
  const opened: FilesAuditLog[] = [];
  return {
    folder,
    anchor,
    logger,
    async open(options = {}) {
      const log = await openFilesAuditLog({ folder, anchor, logger, timers: countingTimers(), ...options });
      opened.push(log);
      return log;
    },
    read: () => new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))])),
    write(segments) {
      for (const name of readdirSync(folder)) rmSync(join(folder, name));
      for (const [name, bytes] of segments) writeFileSync(join(folder, name), bytes);
    },
    async remove() {
      for (const log of opened) await log.close();
      rmSync(root, { recursive: true });
    },
  };
}

export function entries(count: number, first = 1): AuditEntry[] {
  return Array.from({ length: count }, (_, index) => ({
    payment_id: `order-${first + index}`,
    version: 1,
    note: 'x'.repeat((first + index) % 7),
  }));
}
