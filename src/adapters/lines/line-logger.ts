import { redactSaid } from '../../domain/forbidden-text.ts';
import { timestamp } from '../../domain/payment.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';

export interface LineLogger extends Logger {
  /** Prints a line as it is, unless all is silent: metrics, which the log's readers take out of it. */
  line(text: string): void;
}

const LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LEVELS)[number];

/** Whatever a field named like a secret holds is taken out, should one ever get here. */
const SECRETS = new Set(['key', 'authorization', 'secret']);

/**
 * JSON lines on standard output, which on Linux is written before the call returns: a function may be frozen as soon
 * as it has answered, and a buffer with it. What cannot be written is no reason to fail a payment. Our own instead of
 * pino, which weighs 60 KB in a bundle and is loaded at each cold start, while its speed is of no use to a function
 * that answers one request at a time.
 */
export function createLineLogger(
  level: LogLevel,
  clock: Clock,
  write: (text: string) => void = (text) => void process.stdout.write(text),
): LineLogger {
  const least = LEVELS.indexOf(level);

  function say(at: LogLevel) {
    if (LEVELS.indexOf(at) < least) return () => undefined;
    return (fields: object, message: string) => {
      const time = timestamp(clock.now());
      const said = at === 'warn' || at === 'error' ? redactSaid(fields) : fields;
      const line = { level: at, time, ...said, msg: message };
      const text = hasNoSecrets(line) ? JSON.stringify(line) : JSON.stringify(line, withoutSecrets);
      write(`${text}\n`);
    };
  }

  return {
    debug: say('debug'),
    info: say('info'),
    warn: say('warn'),
    error: say('error'),
    line: level === 'silent' ? () => undefined : (text) => write(`${text}\n`),
  };
}

/** As nearly all lines have none: looking through the fields costs less than asking about each of them as it is written. */
function hasNoSecrets(fields: { readonly [name: string]: unknown }): boolean {
  for (const name in fields) {
    if (SECRETS.has(name) || typeof fields[name] === 'object') return false;
  }
  return true;
}

function withoutSecrets(name: string, value: unknown): unknown {
  return SECRETS.has(name) ? '[Redacted]' : value;
}
