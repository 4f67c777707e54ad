import { UnavailableError } from '../../ports/faults.ts';

/** A group as the table holds it. */
export interface StoredGroup {
  /** From 1; grows by one with each write. */
  version: number;
  /** Different for every write, so that whoever never heard what became of theirs can tell. */
  stamp: string;
  text: string;
}

/** Says that a group may have a call-back to send from then on. */
export interface DueMark {
  group: string;
  dueAtMs: number;
}

/** What is asked of a table that several processes share. Every read sees what was written before. */
export interface SimulatorTable {
  get(group: string): Promise<StoredGroup | null>;
  /**
   * Writes a version if the one before it is still there; false if not.
   * @throws TableFault
   */
  put(group: string, next: StoredGroup): Promise<boolean>;
  getChallenge(token: string): Promise<string | undefined>;
  putChallenge(token: string, group: string): Promise<void>;
  marks(): Promise<DueMark[]>;
  putMark(mark: DueMark): Promise<void>;
  /** Replaces a mark, or with null takes it away, unless somebody has changed it since. */
  replaceMark(mark: DueMark, dueAtMs: number | null): Promise<void>;
  /** The texts of all groups, in pages and in no order. */
  scan(): AsyncIterable<string[]>;
}

/** The table was not reached, or refused. */
export class TableFault extends UnavailableError {
  /** Whether what was to be written may have been. */
  readonly mayBeWritten: boolean;
  /** Whether asking again may help. */
  readonly retryable: boolean;

  constructor(message: string, mayBeWritten: boolean, retryable: boolean, options?: ErrorOptions) {
    super(message, options);
    this.mayBeWritten = mayBeWritten;
    this.retryable = retryable;
  }
}
