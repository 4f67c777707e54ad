import { createSecretsClient } from '../adapters/secrets-manager/secrets-client.ts';
import { createSecretsManagerSecrets } from '../adapters/secrets-manager/secrets-manager-secrets.ts';
import type { Secrets } from '../ports/secrets.ts';
import type { AwsBase } from './parts.ts';

export function openSecrets({ clock, logger }: AwsBase, secretId: string): Secrets {
  return createSecretsManagerSecrets({ client: createSecretsClient(), secretId, clock, logger });
}
