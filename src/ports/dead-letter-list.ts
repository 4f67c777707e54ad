import type { DeadLetter, WorkItem } from './work-queue.ts';

/** A letter with how often it was put on the list. */
export interface ListedLetter extends DeadLetter {
  puts: number;
}

/** Operations that a person must see to, one entry for each. Faults reject with `UnavailableError`. */
export interface DeadLetterList {
  /** Puts an operation on the list. One that stands there already stays as it is, and is counted. */
  put(item: WorkItem, reason: string): Promise<void>;
  list(limit: number): Promise<DeadLetter[]>;
  /** Null if there is none of that id; strongly consistent. */
  get(id: string): Promise<ListedLetter | null>;
  /** Takes one off the list, unless it was put there again since it was read; false if it was not taken off. */
  remove(letter: Pick<ListedLetter, 'id' | 'puts'>): Promise<boolean>;
  /** Takes off the list whatever stands there for an operation, however often it was attempted. */
  drop(item: WorkItem): Promise<void>;
  count(): Promise<number>;
}
