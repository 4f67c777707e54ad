import type { AnchoredHead, AuditAnchor } from '../../ports/audit-log.ts';
import type { SqliteDatabase } from './database.ts';

const EMPTY: AnchoredHead = { records: 0, hash: '0'.repeat(64), segment: 1, bytes: 0 };

/**
 * The audit log's head, moved in one commit with the feed's position: after a crash the log is cut to the head and
 * written on from the feed.
 * @param consumer the audit's name in the change feed
 */
export function createSqliteAuditAnchor(database: SqliteDatabase, consumer: string): AuditAnchor {
  const { connection } = database;
  const select = connection.prepare('SELECT records, hash, segment, bytes FROM audit_head WHERE id = 1');
  const upsert = connection.prepare(
    `INSERT INTO audit_head (id, records, hash, segment, bytes) VALUES (1, ?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET records = excluded.records, hash = excluded.hash,
       segment = excluded.segment, bytes = excluded.bytes`,
  );
  const savePosition = connection.prepare('UPDATE consumers SET position = max(position, ?) WHERE name = ?');

  return {
    async load() {
      return (database.read(() => select.get()) as AnchoredHead | undefined) ?? EMPTY;
    },
    save(head, position) {
      return database.write(
        () => {
          upsert.run(head.records, head.hash, head.segment, head.bytes);
          savePosition.run(Number(position), consumer);
        },
        { durable: false },
      );
    },
  };
}
