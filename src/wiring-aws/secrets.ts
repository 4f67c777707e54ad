import { required } from '../aws-config.ts';
import type { Secrets } from '../ports/secrets.ts';
import type { AwsBase } from './parts.ts';

/**
 * Asked for when they are first needed, which is not on the way of a payment; and what asks for them is loaded only
 * then, since a cold start must not wait for it.
 * @throws ConfigError at once if the secret is not named
 */
export function awsSecrets(base: AwsBase): Secrets {
  const secretId = required(base.config, 'SECRET_ID');
  let opened: Promise<Secrets> | undefined;

  function open(): Promise<Secrets> {
    opened ??= import('./open-secrets.ts').then(({ openSecrets }) => openSecrets(base, secretId));
    return opened;
  }

  return {
    cursorKeys: async (options) => (await open()).cursorKeys(options),
    callbackSecret: async (connector) => (await open()).callbackSecret(connector),
  };
}
