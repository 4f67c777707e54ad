import { type DestinationStream, pino } from 'pino';
import pretty from 'pino-pretty';
import { redactSaid } from '../../domain/forbidden-text.ts';
import { timestamp } from '../../domain/payment.ts';
import type { Logger } from '../../ports/logger.ts';
import { createLogStream } from './log-stream.ts';

export interface ClosableLogger extends Logger {
  /** Writes what is still buffered. */
  flush(): void;
  /** Lines that another thread's logger has made. */
  write(lines: string): void;
}

const STDERR = 2;

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

function linesTo(stream: DestinationStream, level: string): Logger {
  const logger = pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${timestamp(Date.now())}"`,
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
