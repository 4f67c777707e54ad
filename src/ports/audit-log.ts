/** A line of the log before it is chained: any JSON object. */
export type AuditEntry = Readonly<Record<string, unknown>>;

export interface AuditHead {
  /** How many records the chain has. */
  records: number;
  /** SHA-256 of the last record, hex; 64 zeros for an empty chain. */
  hash: string;
}

export type AuditVerdict =
  | { ok: true; head: AuditHead }
  /** `record`: number of the first broken record, from 1. `where`: segment and byte, for a person. */
  | { ok: false; record: number; where: string; problem: string };

/**
 * The append-only chain of design.md §5. A record's hash is SHA-256 over the previous hash (hex) followed by the
 * exact bytes of its line without the `hash` member. The head is kept outside the log.
 */
export interface AuditLog {
  /**
   * Appends in order, durable before it resolves.
   * @param position the feed's position after these entries, kept together with the head where the adapter keeps one
   */
  append(entries: readonly AuditEntry[], position: string): Promise<AuditHead>;
  head(): Promise<AuditHead>;
  /**
   * Reads all of it and checks every link.
   * @param expectedHead a head that was noted elsewhere: it must be a record of the chain
   */
  verify(expectedHead?: string): Promise<AuditVerdict>;
  /** Every record as its line, without the newline. */
  lines(): AsyncIterable<string>;
}

/** Where an audit log in files keeps its head: in the database, moved with the feed's position in one commit. */
export interface AuditAnchor {
  load(): Promise<AnchoredHead>;
  save(head: AnchoredHead, position: string): Promise<void>;
}

export interface AnchoredHead extends AuditHead {
  /** Number of the segment being written, from 1. */
  segment: number;
  /** Its length in bytes up to and including the last record. */
  bytes: number;
}

/** Where an audit log in numbered objects keeps its head: outside the log, moved by compare-and-set. */
export interface AuditHeadStore {
  /** Strongly consistent. */
  load(): Promise<ObjectHead>;
  /** Moves the head if it still is `from`; false if somebody else has moved it. */
  move(from: ObjectHead, to: ObjectHead): Promise<boolean>;
}

export interface ObjectHead extends AuditHead {
  /** Number of the last object, from 1; 0 when there is none. */
  object: number;
}
