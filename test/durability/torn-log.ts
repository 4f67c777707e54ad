import { closeSync, copyFileSync, ftruncateSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

/** What a database held after a commit, and how long its write-ahead log was then. */
export interface CommittedState {
  logBytes: number;
  state: string;
}

/** A database as it stood when its process died: its main file, its log, and every commit that the log holds. */
export interface TornSubject {
  name: string;
  /** Of the main file; the log stands beside it. */
  path: string;
  /** In order; the first is what the main file and the beginning of the log hold. */
  commits: readonly CommittedState[];
  read(connection: DatabaseSync): string;
  /** What must hold of any state, whichever it is. */
  problems(connection: DatabaseSync): string[];
}

/** `cut`: the log ends there. `garbled`: from there on it holds something else. */
export type Damage = 'cut' | 'garbled';

export interface TornReport {
  logBytes: number;
  commits: number;
  checked: number;
  findings: string[];
}

/** Every so many openings the whole file is checked, which takes long. */
const INTEGRITY_EVERY = 64;
const MOST_FINDINGS = 10;

/**
 * Damages the log at each of the offsets, and opens what is left: it must be sound, and hold exactly the commits whose
 * frames lie wholly before the damage: no commit that was whole is lost, and none is there by half.
 * @param offsets in descending order, so that the damage only grows
 */
export function checkTorn(subject: TornSubject, damage: Damage, offsets: Iterable<number>): TornReport {
  const { path, commits, read, problems } = subject;
  const copy = `${path}.${damage}`;
  copyFileSync(path, copy);
  copyFileSync(`${path}-wal`, `${copy}-wal`);
  const whole = readFileSync(`${copy}-wal`);
  const garbage = Buffer.from(whole.map((byte, i) => byte ^ (1 + (i % 255))));
  const log = openSync(`${copy}-wal`, 'r+');
  const report: TornReport = { logBytes: whole.length, commits: commits.length, checked: 0, findings: [] };
  let intact = whole.length;

  function found(offset: number, what: string): void {
    if (report.findings.length < MOST_FINDINGS)
      report.findings.push(`${subject.name}, ${damage} at byte ${offset}: ${what}`);
  }

  for (const offset of offsets) {
    if (damage === 'cut') ftruncateSync(log, offset);
    else writeSync(log, garbage, offset, intact - offset, offset);
    intact = offset;
    const expected = commits.findLast(({ logBytes }) => logBytes <= offset);
    // Read-only, it leaves the log as it is; its index is made anew by each who opens it first.
    const connection = new DatabaseSync(copy, { readOnly: true });
    try {
      const state = read(connection);
      if (state !== expected?.state) {
        const at = commits.findIndex((commit) => commit.state === state);
        const what = at === -1 ? 'what no commit ever left' : `the state after commit ${at}`;
        found(
          offset,
          `holds ${what} instead of that after commit ${commits.indexOf(expected as CommittedState)}`,
        );
      }
      for (const problem of problems(connection)) found(offset, problem);
      if (report.checked % INTEGRITY_EVERY === 0) {
        const [answer] = connection.prepare('PRAGMA integrity_check').all();
        if (answer?.integrity_check !== 'ok') found(offset, `is damaged: ${answer?.integrity_check}`);
      }
    } catch (error) {
      found(offset, `cannot be read: ${error instanceof Error ? error.message : error}`);
    } finally {
      connection.close();
    }
    report.checked++;
  }
  closeSync(log);
  for (const file of [copy, `${copy}-wal`, `${copy}-shm`]) rmSync(file, { force: true });
  return report;
}

const LOG_HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
const PAGE_BYTES = 4_096;

/** Every byte of the log's own headers and the one before, and every so many bytes between them. In descending order. */
export function* offsetsOf(logBytes: number, everyBytes: number): Generator<number> {
  for (let offset = logBytes; offset >= 0; offset--) {
    const inFrame = (offset - LOG_HEADER_BYTES) % (FRAME_HEADER_BYTES + PAGE_BYTES);
    const isHeader =
      offset <= LOG_HEADER_BYTES ||
      inFrame <= FRAME_HEADER_BYTES ||
      inFrame === FRAME_HEADER_BYTES + PAGE_BYTES - 1;
    if (isHeader || inFrame % everyBytes === 0) yield offset;
  }
}
