import type { ChangeFeed, ChangePage } from '../../ports/change-feed.ts';
import type { SqliteDatabase } from './database.ts';
import { LIMIT, parsePayment } from './rows.ts';

export interface SqliteChangeFeed extends ChangeFeed {
  /** Inside the transaction of the payment's own write. */
  append(dispatched: boolean, record: string): void;
}

interface ChangeRow {
  seq: number;
  record: string;
}

export function createSqliteChangeFeed(
  database: SqliteDatabase,
  consumers: readonly string[],
): SqliteChangeFeed {
  const { connection } = database;
  const insert = connection.prepare('INSERT INTO changes (dispatch, record) VALUES (?, ?)');
  const selectAll = connection.prepare(`SELECT seq, record FROM changes WHERE seq > ? ORDER BY seq ${LIMIT}`);
  const selectDispatched = connection.prepare(
    `SELECT seq, record FROM changes WHERE seq > ? AND dispatch = 1 ORDER BY seq ${LIMIT}`,
  );
  const selectLast = connection.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'changes'");
  const selectPosition = connection.prepare('SELECT position FROM consumers WHERE name = ?');
  const savePosition = connection.prepare('UPDATE consumers SET position = max(position, ?) WHERE name = ?');
  const forget = connection.prepare('DELETE FROM changes WHERE seq <= (SELECT min(position) FROM consumers)');
  const addConsumer = connection.prepare(
    'INSERT INTO consumers (name, position) VALUES (?, 0) ON CONFLICT DO NOTHING',
  );
  for (const name of consumers) addConsumer.run(name);

  const position = (consumer: string): number => {
    const row = database.read(() => selectPosition.get(consumer)) as { position: number } | undefined;
    if (!row)
      throw new Error(
        `The change feed has no consumer "${consumer}"; it was made for ${consumers.join(', ')}`,
      );
    return row.position;
  };
  const lastSeq = (): number =>
    (database.read(() => selectLast.get()) as { seq: number } | undefined)?.seq ?? 0;

  return {
    append(dispatched, record) {
      insert.run(dispatched ? 1 : 0, record);
    },

    async read(consumer, limit, only): Promise<ChangePage> {
      const after = position(consumer);
      // The last number first: what is written between the two reads is then read again, and not passed over.
      const last = lastSeq();
      const select = only ? selectDispatched : selectAll;
      const rows = database.read(() => select.all(after, limit)) as unknown as ChangeRow[];
      // Nothing is asked of a PSP, or audited, because of a change that a crash could still undo.
      if (database.hasUnsynced()) await database.durable();
      const changes = rows.map((row) => ({ position: String(row.seq), payment: parsePayment(row) }));
      const through = rows.length === limit ? (rows.at(-1) as ChangeRow).seq : Math.max(last, after);
      return { changes, position: String(through) };
    },

    commit(consumer, through) {
      // Not durable by itself: the log keeps the order of commits, and losing this one repeats what was read.
      const work = () => {
        savePosition.run(Number(through), consumer);
        forget.run();
      };
      return database.write(work, { durable: false });
    },

    lag: (consumer) => lastSeq() - position(consumer),
  };
}
