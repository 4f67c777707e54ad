import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';

/** Answers what the instance is told about its own end: null while there is nothing. */
export type InterruptionNotice = () => Promise<string | null>;

interface Deps {
  /** Address of the instance metadata service. */
  endpoint: string;
  clock: Clock;
  logger: Logger;
  fetch?: typeof globalThis.fetch;
}

const TIMEOUT_MS = 1_000;
const TOKEN_SECONDS = 21_600;
/** A new token well before the old one is over. */
const RENEW_AFTER_MS = (TOKEN_SECONDS * 1_000) / 2;

/**
 * Asks the instance metadata service (IMDSv2) whether this instance is about to be taken away: as a spot instance,
 * two minutes before, or by its group.
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html
 */
export function createInterruptionNotice({
  endpoint,
  clock,
  logger,
  fetch = globalThis.fetch,
}: Deps): InterruptionNotice {
  let token: { text: string; at: number } | null = null;

  async function ask(
    path: string,
    method: 'GET' | 'PUT',
    headers: Record<string, string>,
  ): Promise<Response> {
    return fetch(`${endpoint}/latest/${path}`, { method, headers, signal: AbortSignal.timeout(TIMEOUT_MS) });
  }

  async function currentToken(): Promise<string> {
    if (token && clock.now() - token.at < RENEW_AFTER_MS) return token.text;
    const response = await ask('api/token', 'PUT', {
      'X-aws-ec2-metadata-token-ttl-seconds': String(TOKEN_SECONDS),
    });
    if (!response.ok) throw new Error(`the metadata service gave no token: ${response.status}`);
    token = { text: await response.text(), at: clock.now() };
    return token.text;
  }

  async function read(path: string): Promise<string | null> {
    const response = await ask(`meta-data/${path}`, 'GET', {
      'X-aws-ec2-metadata-token': await currentToken(),
    });
    if (response.status === 404) return null;
    if (response.status === 401) token = null;
    if (!response.ok) throw new Error(`the metadata service answered ${response.status} for ${path}`);
    return response.text();
  }

  return async () => {
    try {
      const spot = await read('spot/instance-action');
      if (spot !== null) return `spot interruption: ${spot}`;
      const state = await read('autoscaling/target-lifecycle-state');
      return state === 'Terminated' ? 'the group is taking this instance away' : null;
    } catch (error) {
      // Not known is no reason to stop working.
      logger.debug({ error: String(error) }, 'the metadata service was not reached');
      return null;
    }
  };
}
