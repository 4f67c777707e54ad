import { GENESIS_HASH } from '../../domain/audit-chain.ts';
import type { AnchoredHead, AuditAnchor } from '../../ports/audit-log.ts';

/** An anchor that tests can read, turn back, and make fail. */
export interface TestAnchor extends AuditAnchor {
  head: AnchoredHead;
  position: string;
  /** What the next save does instead of succeeding. */
  fault: 'before' | 'after' | null;
}

export const EMPTY_HEAD: AnchoredHead = { records: 0, hash: GENESIS_HASH, segment: 1, bytes: 0 };

export function testAnchor(head: AnchoredHead = EMPTY_HEAD): TestAnchor {
  return {
    head,
    position: '',
    fault: null,
    async load() {
      return this.head;
    },
    async save(next, position) {
      const fault = this.fault;
      this.fault = null;
      if (fault === 'before') throw new Error('database is locked');
      this.head = next;
      this.position = position;
      if (fault === 'after') throw new Error('connection lost');
    },
  };
}
