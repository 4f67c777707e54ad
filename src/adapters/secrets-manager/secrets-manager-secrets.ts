import { createHmac } from 'node:crypto';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Clock } from '../../ports/clock.ts';
import { UnavailableError } from '../../ports/faults.ts';
import type { Logger } from '../../ports/logger.ts';
import type { Secrets } from '../../ports/secrets.ts';
import { readVersion } from './secret-version.ts';

/** A secret is rotated once a month; each read of it is on the bill. */
const KEPT_MS = 5 * 60_000;
/** However many forged signatures arrive, the secret is not read again more often; nor while it cannot be read. */
const FRESH_PAUSE_MS = 10_000;
/** A rotation that ends between two reads makes them differ once. */
const MAX_READS = 3;

interface SecretsManagerSecretsDeps {
  client: SecretsManagerClient;
  secretId: string;
  clock: Clock;
  logger: Logger;
}

/**
 * The keys of a secret that Secrets Manager rotates: its current password signs, the previous one still verifies.
 * Each process keeps them for minutes, so two of them may know different pairs for that long; both pairs hold the
 * password that was current before the rotation, and whoever meets a signature of the new one reads again.
 */
export function createSecretsManagerSecrets({
  client,
  secretId,
  clock,
  logger,
}: SecretsManagerSecretsDeps): Secrets {
  let held: { keys: readonly string[]; read: number; untilMs: number } | null = null;
  let loading: Promise<readonly string[]> | null = null;
  let reads = 0;
  let lastFreshMs = Number.NEGATIVE_INFINITY;
  let isFailing = false;

  async function readPair(): Promise<string[]> {
    for (let read = 1; ; read += 1) {
      // Not at the same time: a new current and the previous of before would leave out the one between them.
      const current = await readVersion(client, secretId, { stage: 'AWSCURRENT' });
      if (!current) throw new Error(`There is no secret ${secretId}, or nothing in it.`);
      const previous = await readVersion(client, secretId, { stage: 'AWSPREVIOUS' });
      if (!previous) return [current.password];
      if (previous.id !== current.id || read === MAX_READS) return [current.password, previous.password];
    }
  }

  async function load(): Promise<readonly string[]> {
    reads += 1;
    const read = reads;
    try {
      const keys = await readPair();
      isFailing = false;
      // One that began before the last one to end must not bring older keys back.
      if (!held || held.read < read) held = { keys, read, untilMs: clock.now() + KEPT_MS };
      return held.keys;
    } catch (cause) {
      const said = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
      if (!held) throw new UnavailableError(`The secret could not be read: ${said}`, { cause });
      if (!isFailing)
        logger.warn(
          { error: said },
          'the secret could not be read again: going on with what was read before',
        );
      isFailing = true;
      held.untilMs = clock.now() + FRESH_PAUSE_MS;
      return held.keys;
    }
  }

  function start(): Promise<readonly string[]> {
    const started = load().finally(() => {
      if (loading === started) loading = null;
    });
    loading = started;
    return started;
  }

  async function cursorKeys({ fresh = false } = {}): Promise<readonly string[]> {
    const nowMs = clock.now();
    if (fresh && nowMs - lastFreshMs >= FRESH_PAUSE_MS) {
      lastFreshMs = nowMs;
      // Its own: one under way may have begun before the rotation.
      return start();
    }
    // Whoever comes just behind waits for what is being read.
    if (loading && (fresh || !held)) return loading;
    if (held && (fresh || nowMs < held.untilMs)) return held.keys;
    return loading ?? start();
  }

  return {
    cursorKeys,
    async callbackSecret(connector) {
      const [current] = await cursorKeys();
      const key = createHmac('sha256', current as string).update(`callback ${connector}`);
      return `whsec_${key.digest('base64')}`;
    },
  };
}
