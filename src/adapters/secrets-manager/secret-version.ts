import {
  GetSecretValueCommand,
  ResourceNotFoundException,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';

/** A version of the secret, read whole. */
export interface SecretVersion {
  id: string;
  /** All of its members: a user's name stands beside the password. */
  members: Record<string, unknown>;
  password: string;
}

/** Which version: that of a staging label, or the one of an id, if it has the label. */
export interface VersionName {
  stage: 'AWSCURRENT' | 'AWSPREVIOUS' | 'AWSPENDING';
  id?: string;
}

/**
 * @returns null if there is no such version, or nothing in it yet
 * @throws Error, never with anything of the value in its message, if it is not what the stack made
 */
export async function readVersion(
  client: SecretsManagerClient,
  secretId: string,
  { stage, id }: VersionName,
): Promise<SecretVersion | null> {
  const command = new GetSecretValueCommand({
    SecretId: secretId,
    VersionStage: stage,
    ...(id === undefined ? {} : { VersionId: id }),
  });
  try {
    const { SecretString, VersionId } = await client.send(command);
    return { id: VersionId as string, ...parseSecret(SecretString ?? '', stage) };
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return null;
    throw error;
  }
}

function parseSecret(text: string, stage: string): Omit<SecretVersion, 'id'> {
  const members = parseObject(text);
  const { password } = members ?? {};
  if (!members || typeof password !== 'string' || password.length === 0) {
    throw new Error(
      `The version ${stage} of the secret is not a JSON object with a "password". Put one there, or rotate the secret.`,
    );
  }
  return { members, password };
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch (error) {
    // Its message quotes the text, which is the secret: it is not handed on.
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
