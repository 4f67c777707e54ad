import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';

/** Told by Node's HTTP client of each request as it is made. */
const CREATED = 'http.client.request.created';

/** Turns of the event loop in which no call begins or ends: by then the function waits, and does nothing else. */
const QUIET_TURNS = 8;

interface Options {
  /** `host:port` of the endpoints whose calls count. */
  hosts: ReadonlySet<string>;
  /** Lets go of the answers to the calls under way, so many. */
  release: (count: number) => void;
  /** What waits for nothing, and goes on only after so long, has waited for a PSP that does not answer. */
  silenceMs: number;
}

export interface InStep {
  /** How often the function waited for a PSP that did not answer. */
  stop(): { silences: number };
}

/**
 * Watches a function of this process, and has the answers to its calls come only when it can do nothing without them,
 * and then all together. Which calls were under way at the same time is then no matter of which was faster: the same
 * code has the same rounds of calls every time.
 */
export function startInStep({ hosts, release, silenceMs }: Options): InStep {
  let underWay = 0;
  /** Calls that were let go of, and whose answers are not taken yet. */
  let answering = 0;
  let turns = 0;
  let watching = false;
  let stopped = false;
  let idleSinceMs: number | null = null;
  let silences = 0;

  function wake(): void {
    if (idleSinceMs !== null && performance.now() - idleSinceMs > silenceMs) silences += 1;
    idleSinceMs = null;
  }

  function watch(): void {
    turns = 0;
    if (watching || stopped) return;
    watching = true;
    setImmediate(turn);
  }

  function turn(): void {
    if (stopped) return;
    turns += 1;
    if (turns < QUIET_TURNS) {
      setImmediate(turn);
      return;
    }
    watching = false;
    if (answering > 0) return;
    if (underWay === 0) {
      idleSinceMs ??= performance.now();
      return;
    }
    answering = underWay;
    release(underWay);
  }

  function onCreated(message: unknown): void {
    const { request } = message as { request: ClientRequest };
    if (!hosts.has(String(request.getHeader('host')))) return;
    wake();
    underWay += 1;
    request.once('close', () => {
      underWay -= 1;
      if (answering > 0) answering -= 1;
      watch();
    });
    watch();
  }

  subscribe(CREATED, onCreated);
  watch();
  return {
    stop() {
      wake();
      stopped = true;
      unsubscribe(CREATED, onCreated);
      return { silences };
    },
  };
}
