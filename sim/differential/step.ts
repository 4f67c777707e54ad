import type { Subject } from './subject.ts';

/** One thing that every subject is told, and must answer alike. */
export interface Step {
  what: string;
  /** Only where calls made at once are carried out in their order, and the feed is in the order of the writes. */
  needsOrder?: boolean;
  run(subject: Subject): Promise<unknown>;
  /** Once all have answered. */
  after?(): void;
}
