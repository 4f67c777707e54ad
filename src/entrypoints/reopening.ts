import type { HttpApp } from '../http/app.ts';
import type { UnavailableError } from '../ports/faults.ts';
import type { Ids } from '../ports/ids.ts';
import type { Logger } from '../ports/logger.ts';
import type { Service as Embedded } from '../wiring.ts';
import type { Service } from './serve.ts';

/** Pause between attempts to open the folder anew: a disk needs time, and the log must not be flooded. */
const REOPEN_PAUSE_MS = 1_000;

/** What is looked at here of the parts over a folder. */
type Parts<Edge> = Service &
  Pick<Embedded, 'app' | 'ids' | 'timers'> & {
    edge: Edge;
    database: Pick<Embedded['database'], 'onBroken' | 'write'>;
  };

export interface Reopening<Edge> extends Service {
  app: HttpApp;
  ids: Ids;
  /** What the HTTP side needs, as it is now. */
  edge(): Edge;
}

/**
 * A service over a data folder that outlives a failed sync. After one nobody knows what the disk holds, and syncing
 * once more does not tell. So the parts are closed as a crash would leave them, and opened anew, which recovers from
 * the log: no person and no supervisor is needed. Meanwhile the old parts answer, and they refuse everything with 503.
 */
export function reopening<Edge>(
  first: Parts<Edge>,
  open: () => Promise<Parts<Edge>>,
  logger: Logger,
): Reopening<Edge> {
  const { timers } = first;
  const stopping = new AbortController();
  let current = first;
  let isOpen = true;
  let baseUrl = '';
  let drivers: ReturnType<Service['start']> | null = null;
  let reopened: Promise<void> = Promise.resolve();

  function run(parts: Parts<Edge>): void {
    current = parts;
    isOpen = true;
    drivers = parts.start(baseUrl);
    parts.database.onBroken((error) => {
      reopened = reopen(parts, error);
    });
  }

  async function reopen(broken: Parts<Edge>, { message }: UnavailableError): Promise<void> {
    logger.error({ error: message }, 'the folder is opened anew; until then everything is refused');
    broken.outcome.release();
    // Not waited for: who is asking a PSP may take long, cannot write what comes of it, and is looked up later.
    drivers?.stop().catch(closingFailed);
    await broken.close().catch(closingFailed);
    isOpen = false;
    while (!stopping.signal.aborted) {
      try {
        run(await openSound());
        logger.warn({}, 'the folder has been opened anew: what had been acknowledged is there');
        return;
      } catch (error) {
        logger.error({ error: text(error) }, 'the folder cannot be opened; it is tried again');
        await timers.sleep(REOPEN_PAUSE_MS, stopping.signal);
      }
    }
  }

  /** Nothing is taken into hand before the disk has taken a write: each message bears being given out but so often. */
  async function openSound(): Promise<Parts<Edge>> {
    const parts = await open();
    try {
      await parts.database.write(() => undefined);
      return parts;
    } catch (error) {
      await parts.close().catch(closingFailed);
      throw error;
    }
  }

  function closingFailed(error: unknown): void {
    logger.warn({ error: text(error) }, 'closing what the disk has failed under');
  }

  return {
    app: {
      answer: (asked) => current.app.answer(asked),
      mountAt: (path) => current.app.mountAt(path),
      show: (mount, request) => current.app.show(mount, request),
    },
    ids: first.ids,
    edge: () => current.edge,
    outcome: { release: () => current.outcome.release() },
    start(url) {
      baseUrl = url;
      run(first);
      return {
        async stop() {
          stopping.abort();
          await reopened;
          if (isOpen) await drivers?.stop();
        },
      };
    },
    async close() {
      if (isOpen) await current.close();
    },
  };
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
