import { chainEntry, GENESIS_HASH } from '../../domain/audit-chain.ts';
import { createChainWalk } from '../../domain/audit-walk.ts';
import type { AuditHead, AuditLog } from '../../ports/audit-log.ts';

/** What outlives the log's process in a simulation: the records and, apart from them, the head. */
export interface MemoryAuditState {
  lines: string[];
  head: AuditHead;
}

export function emptyAuditState(): MemoryAuditState {
  return { lines: [], head: { records: 0, hash: GENESIS_HASH } };
}

/** The audit log in an array. It keeps no position: whoever reads the feed commits it there. */
export function createMemoryAuditLog(state: MemoryAuditState = emptyAuditState()): AuditLog {
  return {
    async append(entries) {
      const lines: string[] = [];
      let { hash } = state.head;
      for (const entry of entries) {
        const chained = chainEntry(hash, entry);
        lines.push(chained.line);
        hash = chained.hash;
      }
      state.lines.push(...lines);
      state.head = { records: state.head.records + lines.length, hash };
      return state.head;
    },

    async head() {
      return state.head;
    },

    async verify(expectedHead) {
      const walk = createChainWalk<number>(expectedHead);
      const fails = (record: number, problem: string) => ({
        ok: false as const,
        record,
        where: `line ${record} in memory`,
        problem,
      });
      for (const [index, line] of state.lines.entries()) {
        const broken = walk.take(Buffer.from(line), index + 1);
        if (broken) return fails(broken.record, broken.problem);
      }
      const head = walk.head();
      if (head.records < state.head.records)
        return fails(head.records + 1, 'The log was truncated before its head.');
      if (head.records > state.head.records)
        return fails(state.head.records + 1, 'A record was added after the head.');
      if (head.hash !== state.head.hash) return fails(head.records, 'The log was rewritten with new hashes.');
      if (!walk.met())
        return fails(Math.max(1, head.records), `No record has the noted head ${expectedHead}.`);
      return { ok: true, head };
    },

    async *lines() {
      yield* state.lines;
    },
  };
}
