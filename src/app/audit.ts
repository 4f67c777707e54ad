import { auditEntry } from '../domain/audit-entry.ts';
import type { AuditLog } from '../ports/audit-log.ts';
import type { ChangeFeed } from '../ports/change-feed.ts';

/** The audit's name in the change feed. */
export const AUDIT = 'audit';

/** Changes in one step: one append, one sync. */
const AUDIT_BATCH = 512;

export interface Audit {
  /** One bounded batch from the feed into the log; how many records were written. */
  step(): Promise<number>;
}

/** Writes every change to the audit log, in the order of the feed (invariant 9). */
export function createAudit({ feed, log }: { feed: ChangeFeed; log: AuditLog }): Audit {
  return {
    async step() {
      const { changes, position } = await feed.read(AUDIT, AUDIT_BATCH);
      if (changes.length === 0 && feed.lag(AUDIT) === 0) return 0;
      if (changes.length > 0) {
        await log.append(
          changes.map(({ payment }) => auditEntry(payment)),
          position,
        );
      }
      await feed.commit(AUDIT, position);
      return changes.length;
    },
  };
}
