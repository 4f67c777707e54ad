/** A batch of changes that a reader of the feed gave up, kept aside whole. */
export interface FailedBatch {
  /** Name of the function that gave it up. */
  reader: string;
  /** The batch as the reader was given it. */
  event: unknown;
}

/** What the cloud's poller put aside after the last retry, so that nothing of the feed is lost with it. */
export interface FailedEvents {
  /** Ids, the oldest first. */
  list(limit: number): Promise<string[]>;
  /** Whole, which is some megabytes: to be read one at a time. */
  read(id: string): Promise<FailedBatch>;
  /** Dealt with. */
  remove(id: string): Promise<void>;
  /** About how many there are; at most 1,000 are counted. */
  count(): Promise<number>;
}
