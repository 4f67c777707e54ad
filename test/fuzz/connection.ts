import { connect, type Socket } from 'node:net';
import type { Answer } from '../http/answer-rules.ts';
import { createAnswerParser, FramingError } from './answer-parser.ts';

/** A connection that is kept, as clients keep them. */
export interface Connection {
  /**
   * Sends all at once, and resolves with as many answers as there are methods.
   * @throws FramingError if something else comes; ConnectionError if not all comes
   */
  ask(bytes: Buffer, methods: readonly string[]): Promise<Answer[]>;
  close(): void;
}

export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
}

/** The longest that is asked to be waited for is 12 s; a busy machine takes its time besides. */
const ANSWER_LIMIT_MS = 30_000;

interface Asked {
  methods: readonly string[];
  answers: Answer[];
  resolve(answers: Answer[]): void;
  reject(error: Error): void;
  late: NodeJS.Timeout;
}

/**
 * Opened when first needed, and again after the server has ended it.
 * @param onStray told of what comes when nothing was asked
 */
export function createConnection(url: string, onStray: (fault: string) => void): Connection {
  const { hostname, port } = new URL(url);
  let socket: Socket | null = null;
  let parser = createAnswerParser();
  let asked: Asked | null = null;
  /** Answers that came over this socket before the ones that are asked for now. */
  let before = 0;

  function fail(error: Error): void {
    socket?.destroy();
    socket = null;
    const failed = asked;
    asked = null;
    if (!failed) {
      if (error instanceof FramingError) onStray(error.message);
      return;
    }
    clearTimeout(failed.late);
    failed.reject(error);
  }

  function take(bytes: Buffer): void {
    try {
      const now = asked;
      const came = parser.take(bytes, (place) => now?.methods[place - before]);
      if (!now)
        throw new FramingError(
          `Bytes that nobody asked for: ${JSON.stringify(bytes.toString('latin1', 0, 300))}`,
        );
      now.answers.push(...came);
      if (now.answers.length < now.methods.length) return;
      if (!parser.isBetween()) throw new FramingError('More comes than was asked for');
      finish(now);
    } catch (error) {
      fail(error as Error);
    }
  }

  function finish(now: Asked): void {
    clearTimeout(now.late);
    asked = null;
    before += now.answers.length;
    const closes = now.answers.some(({ headers }) => headers.connection === 'close');
    if (closes) {
      socket?.destroy();
      socket = null;
    }
    now.resolve(now.answers);
  }

  function open(): Socket {
    const made = connect(Number(port), hostname);
    made.setNoDelay(true);
    parser = createAnswerParser();
    before = 0;
    const isCurrent = () => socket === made;
    made.on('data', (bytes) => isCurrent() && take(bytes));
    made.on('error', (error) => isCurrent() && fail(new ConnectionError(error.message)));
    made.on('close', () => isCurrent() && fail(new ConnectionError(ended(asked))));
    return made;
  }

  return {
    ask(bytes, methods) {
      return new Promise((resolve, reject) => {
        const tooLate = () => fail(new ConnectionError(`no answer within ${ANSWER_LIMIT_MS} ms`));
        const late = setTimeout(tooLate, ANSWER_LIMIT_MS);
        asked = { methods, answers: [], resolve, reject, late };
        socket ??= open();
        socket.write(bytes);
      });
    },
    close() {
      const open = socket;
      socket = null;
      open?.destroy();
    },
  };
}

function ended(asked: Asked | null): string {
  return `the connection was closed after ${asked?.answers.length ?? 0} of ${asked?.methods.length ?? 0} answers`;
}
