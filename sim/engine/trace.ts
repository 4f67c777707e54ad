import { createHash } from 'node:crypto';

/** What happened, a line for each event, and the hash over all of it. */
export interface Trace {
  line(text: string): void;
  /** SHA-256 over every line so far, hex. Ends the trace. */
  end(): string;
}

/** Hashing many short lines one by one would take longer than what they tell of. */
const CHUNK = 1 << 15;

export function createTrace(tell?: (line: string) => void): Trace {
  const hash = createHash('sha256');
  let waiting = '';
  return {
    line(text) {
      tell?.(text);
      waiting += `${text}\n`;
      if (waiting.length < CHUNK) return;
      hash.update(waiting);
      waiting = '';
    },
    end: () => hash.update(waiting).digest('hex'),
  };
}
