import { createSecretsClient } from '../adapters/secrets-manager/secrets-client.ts';
import { createSecretsManagerSecrets } from '../adapters/secrets-manager/secrets-manager-secrets.ts';
import { required } from '../aws-config.ts';
import type { Secrets } from '../ports/secrets.ts';
import type { AwsBase } from './parts.ts';

/** Asked for when they are first needed, which is not on the way of a payment. */
export function awsSecrets({ config, clock, logger }: AwsBase): Secrets {
  return createSecretsManagerSecrets({
    client: createSecretsClient(),
    secretId: required(config, 'SECRET_ID'),
    clock,
    logger,
  });
}
