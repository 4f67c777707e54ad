import { GENESIS_HASH } from '../../domain/audit-chain.ts';
import type { AuditHeadStore, ObjectHead } from '../../ports/audit-log.ts';

export interface MemoryHeads extends AuditHeadStore {
  head: ObjectHead;
  /** Called before each move: what it throws is a move that did not happen. */
  beforeMove(): Promise<void>;
  /** Called after each move: what it throws is a lost answer. */
  afterMove(): Promise<void>;
}

/** The head of an audit log in memory, moved by compare-and-set. */
export function memoryHeads(): MemoryHeads {
  const heads: MemoryHeads = {
    head: { object: 0, records: 0, hash: GENESIS_HASH },
    beforeMove: async () => undefined,
    afterMove: async () => undefined,
    load: async () => ({ ...heads.head }),
    async move(from, to) {
      await heads.beforeMove();
      const { object, records, hash } = heads.head;
      if (from.object !== object || from.records !== records || from.hash !== hash) return false;
      heads.head = { ...to };
      await heads.afterMove();
      return true;
    },
  };
  return heads;
}
