import type { Change, ChangeFeed, ChangePage } from '../../ports/change-feed.ts';
import type { SqliteDatabase } from './database.ts';
import { createRecent, type RecentPayment } from './recent-payments.ts';
import { parsePayment, type RecordRow } from './rows.ts';

export interface SqliteChangeFeed extends ChangeFeed {
  /** Inside the transaction of the payment's own write. Answers its number in the feed. */
  append(dispatched: boolean, record: string): number;
  /** What stands at a number of the feed, once that is on disk: it is then not read from there. */
  remember(seq: number, recent: RecentPayment): void;
}

/** Changes that are kept in memory until both readers have had them: some seconds' worth under full load. */
const REMEMBERED = 8_192;

interface ChangeRow {
  seq: number;
}

export function createSqliteChangeFeed(
  database: SqliteDatabase,
  consumers: readonly string[],
): SqliteChangeFeed {
  const { connection } = database;
  const insert = connection.prepare('INSERT INTO changes (dispatch, record) VALUES (?, ?)');
  const selectAll = connection.prepare('SELECT seq FROM changes WHERE seq > ? ORDER BY seq LIMIT ?');
  const selectDispatched = connection.prepare(
    'SELECT seq FROM changes WHERE seq > ? AND dispatch = 1 ORDER BY seq LIMIT ?',
  );
  const selectRecord = connection.prepare('SELECT record FROM changes WHERE seq = ?');
  const remembered = createRecent<number>(REMEMBERED);
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
  /** None if all readers have dealt with it meanwhile, and it was forgotten. */
  function changeAt(seq: number): Change[] {
    let payment = remembered.get(seq)?.payment();
    if (!payment) {
      const row = database.read(() => selectRecord.get(seq)) as RecordRow | undefined;
      if (!row) return [];
      payment = parsePayment(row);
    }
    return [{ position: String(seq), payment }];
  }
  const lastSeq = (): number =>
    (database.read(() => selectLast.get()) as { seq: number } | undefined)?.seq ?? 0;

  return {
    append(dispatched, record) {
      return Number(insert.run(dispatched ? 1 : 0, record).lastInsertRowid);
    },

    remember: remembered.set,

    async read(consumer, limit, only): Promise<ChangePage> {
      const after = position(consumer);
      // The last number first: what is written between the two reads is then read again, and not passed over.
      const last = lastSeq();
      const select = only ? selectDispatched : selectAll;
      const rows = database.read(() => select.all(after, limit)) as unknown as ChangeRow[];
      // Nothing is asked of a PSP, or audited, because of a change that a crash could still undo.
      if (database.hasUnsynced()) await database.durable();
      const changes = rows.flatMap(({ seq }) => changeAt(seq));
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
