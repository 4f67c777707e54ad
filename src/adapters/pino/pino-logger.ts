import { type DestinationStream, pino } from 'pino';
import pretty from 'pino-pretty';
import { redactSaid } from '../../domain/forbidden-text.ts';
import type { Timers } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import { createLogStream } from './log-stream.ts';

export interface ClosableLogger extends Logger {
  /** Writes what is still buffered. */
  flush(): void;
  /** Lines that another thread's logger has made. */
  write(lines: string): void;
}

const STDERR = 2;

/** What a thread gathers before it hands its lines on, and for how long. */
const GATHERED_CHARS = 8 * 1_024;
const GATHERED_MS = 250;

/**
 * JSON lines on standard error, or readable ones on a terminal. Whatever a field named like a secret holds is taken
 * out, should one ever get here.
 */
export function createPinoLogger(level: string, terminal: boolean): ClosableLogger {
  const stream = terminal
    ? pretty({
        destination: STDERR,
        sync: true,
        colorize: true,
        ignore: 'pid,hostname',
        translateTime: 'SYS:HH:MM:ss.l',
      })
    : createLogStream(STDERR);
  return {
    ...linesTo(stream, level),
    flush() {
      if ('flush' in stream) stream.flush();
    },
    write: (lines) => void stream.write(lines),
  };
}

/**
 * The same for a thread that has no log of its own: whoever has it writes whole lines, one after the other.
 * @param send takes lines, each with its end
 */
export function createThreadLogger(
  level: string,
  timers: Timers,
  send: (lines: string) => void,
): Logger & { flush(): void } {
  let gathered = '';
  let calledOff: (() => void) | null = null;
  function flush(): void {
    calledOff?.();
    calledOff = null;
    if (gathered !== '') send(gathered);
    gathered = '';
  }
  const write = (line: string) => {
    gathered += line;
    if (gathered.length >= GATHERED_CHARS) flush();
    else calledOff ??= timers.after(GATHERED_MS, flush);
  };
  return { ...linesTo({ write }, level), flush };
}

function linesTo(stream: DestinationStream, level: string): Logger {
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
    // These say what others said. The lines of requests, which say nothing of the kind, are spared the work.
    warn: (fields, message) => logger.warn(redactSaid(fields), message),
    error: (fields, message) => logger.error(redactSaid(fields), message),
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
