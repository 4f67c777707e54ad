import { destination, pino } from 'pino';
import pretty from 'pino-pretty';
import type { Logger } from '../../ports/logger.ts';

export interface ClosableLogger extends Logger {
  /** Writes what is still buffered. */
  flush(): void;
}

/** Lines gathered before they are written at once: a line of log must not cost a system call for each request. */
const BUFFER_BYTES = 8 * 1_024;
/** How long a line may stay in the buffer. */
const FLUSH_EVERY_MS = 250;

/**
 * JSON lines on standard error, or readable ones on a terminal. Whatever a field named like a secret holds is taken
 * out, should one ever get here.
 */
export function createPinoLogger(level: string, terminal: boolean): ClosableLogger {
  const stream = terminal
    ? pretty({
        destination: 2,
        sync: true,
        colorize: true,
        ignore: 'pid,hostname',
        translateTime: 'SYS:HH:MM:ss.l',
      })
    : destination({ dest: 2, minLength: BUFFER_BYTES, periodicFlush: FLUSH_EVERY_MS, sync: false });
  const logger = pino(
    {
      level,
      base: null,
      timestamp: timestampOnce(),
      formatters: { level: (label) => ({ level: label }) },
      redact: ['key', 'authorization', 'secret'],
    },
    stream,
  );
  return {
    debug: (fields, message) => logger.debug(fields, message),
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
    flush() {
      if ('flushSync' in stream) stream.flushSync();
    },
  };
}

/** RFC 3339, written once for all lines of a millisecond. */
function timestampOnce(): () => string {
  let lastMs = 0;
  let text = '';
  return () => {
    const nowMs = Date.now();
    if (nowMs !== lastMs) {
      lastMs = nowMs;
      text = `,"time":"${new Date(nowMs).toISOString()}"`;
    }
    return text;
  };
}
