import type { MessagePort } from 'node:worker_threads';
import { UnavailableError } from '../ports/faults.ts';

/** What one thread does for another: by name, with one argument that can be sent (no functions, no classes). */
export type Handlers = { readonly [name: string]: (argument: never) => unknown };

/** The other thread's handlers, as promises. */
export type Calls<H extends Handlers> = {
  readonly [K in keyof H]: (
    ...argument: Parameters<H[K]> extends [] ? [] : [Parameters<H[K]>[0]]
  ) => Promise<Awaited<ReturnType<H[K]>>>;
};

interface Fault {
  unavailable: boolean;
  message: string;
  stack: string | undefined;
}

const CALL = 0;
const VALUE = 1;
const FAULT = 2;

/** A name is the number of the handler in the list that both ends know. Arrays, since names of fields would be sent too. */
type Message =
  | readonly [kind: typeof CALL, id: number, name: number, argument: unknown]
  | readonly [kind: typeof VALUE, id: number, value: unknown]
  | readonly [kind: typeof FAULT, id: number, fault: Fault];

interface Waiting {
  resolve: (value: unknown) => void;
  reject: (error: Error) => void;
}

export interface Line<Theirs extends Handlers> {
  readonly calls: Calls<Theirs>;
  /** The other end is gone: whoever waits for an answer, or asks from now on, is told so. */
  close(): void;
}

/**
 * Calls between two threads, in both directions over one port. All that is to be sent until this thread has to wait
 * goes in one message: a message costs microseconds whatever it holds, and under load many calls are made together.
 * @param own what this thread does for the other, under the names by which the other knows it, in that order
 * @param theirs names of what the other does for this one
 */
export function connectThreads<Theirs extends Handlers>(
  port: MessagePort,
  own: { handlers: Handlers; names: readonly string[] },
  theirs: readonly (keyof Theirs & string)[],
): Line<Theirs> {
  const served = own.names.map((name) => own.handlers[name]);
  const waiting = new Map<number, Waiting>();
  let outgoing: Message[] = [];
  let lastId = 0;
  let closed = false;

  function post(message: Message): void {
    // After all that runs now without waiting for anything, and before the event loop looks for more.
    if (outgoing.length === 0) process.nextTick(flush);
    outgoing.push(message);
  }

  function flush(): void {
    const batch = outgoing;
    outgoing = [];
    if (!closed) port.postMessage(batch);
  }

  function take(message: Message): void {
    const id = message[1];
    if (message[0] === CALL) {
      answer(id, message[2], message[3]);
      return;
    }
    const asker = waiting.get(id);
    waiting.delete(id);
    if (message[0] === VALUE) asker?.resolve(message[2]);
    else asker?.reject(toError(message[2]));
  }

  async function answer(id: number, name: number, argument: unknown): Promise<void> {
    try {
      const handler = served[name];
      if (!handler) throw new Error(`No call ${name} is served by this thread.`);
      post([VALUE, id, await handler(argument as never)]);
    } catch (error) {
      post([FAULT, id, toFault(error)]);
    }
  }

  port.on('message', (batch: readonly Message[]) => {
    for (const message of batch) take(message);
  });

  function call(name: number, argument: unknown): Promise<unknown> {
    if (closed) return Promise.reject(gone());
    return new Promise((resolve, reject) => {
      lastId += 1;
      waiting.set(lastId, { resolve, reject });
      post([CALL, lastId, name, argument]);
    });
  }

  return {
    calls: Object.fromEntries(
      theirs.map((name, number) => [name, (argument: unknown) => call(number, argument)]),
    ) as unknown as Calls<Theirs>,
    close() {
      closed = true;
      port.close();
      for (const { reject } of waiting.values()) reject(gone());
      waiting.clear();
    },
  };
}

function gone(): UnavailableError {
  return new UnavailableError('The other thread of this server has ended.');
}

function toFault(error: unknown): Fault {
  const unavailable = error instanceof UnavailableError;
  if (!(error instanceof Error)) return { unavailable, message: String(error), stack: undefined };
  return { unavailable, message: error.message, stack: error.stack };
}

function toError({ unavailable, message, stack }: Fault): Error {
  const error = unavailable ? new UnavailableError(message) : new Error(message);
  if (stack !== undefined) error.stack = stack;
  return error;
}
