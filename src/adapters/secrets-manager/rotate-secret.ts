import {
  DescribeSecretCommand,
  GetRandomPasswordCommand,
  PutSecretValueCommand,
  ResourceExistsException,
  type SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { readVersion, type SecretVersion } from './secret-version.ts';

/** What Secrets Manager calls a rotation function with: the four steps in order, each perhaps more than once. */
export interface RotationEvent {
  Step: string;
  SecretId: string;
  /** Names the version that is being made. */
  ClientRequestToken: string;
}

interface RotationDeps {
  client: SecretsManagerClient;
  /**
   * Whether what a key signs is accepted with that key.
   * @default the key is only looked at
   */
  isUsable?: (key: string) => boolean;
}

/** As in the stack's first version of the secret: letters and digits, some 190 bits. */
const PASSWORD_LENGTH = 32;

/**
 * Rotates the secret's password in the four steps of Secrets Manager, each of which may be repeated at any time.
 * @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
 */
export function createRotation({ client, isUsable = () => true }: RotationDeps) {
  const pendingOf = (event: RotationEvent) =>
    readVersion(client, event.SecretId, { stage: 'AWSPENDING', id: event.ClientRequestToken });

  async function createSecret(event: RotationEvent): Promise<void> {
    if (await pendingOf(event)) return;
    const current = await currentOf(event);
    const { RandomPassword } = await client.send(
      new GetRandomPasswordCommand({ PasswordLength: PASSWORD_LENGTH, ExcludePunctuation: true }),
    );
    const command = new PutSecretValueCommand({
      SecretId: event.SecretId,
      ClientRequestToken: event.ClientRequestToken,
      SecretString: JSON.stringify({ ...current.members, password: RandomPassword }),
      VersionStages: ['AWSPENDING'],
    });
    try {
      await client.send(command);
    } catch (error) {
      // The same step at the same time has put another password there, and that one is as good.
      if (!(error instanceof ResourceExistsException)) throw error;
    }
  }

  /** No database has this password: whoever signs with it reads it here, and takes the current and the previous one. */
  async function setSecret(): Promise<void> {
    return undefined;
  }

  async function testSecret(event: RotationEvent): Promise<void> {
    const { password } = await requirePending(event);
    const current = await currentOf(event);
    if (password === current.password)
      throw new Error(`The pending version of ${event.SecretId} has the password that it should replace.`);
    if (password.length < PASSWORD_LENGTH || !isUsable(password))
      throw new Error(`What the pending version of ${event.SecretId} signs is not accepted with it.`);
  }

  async function finishSecret(event: RotationEvent, stages: Record<string, string[]>): Promise<void> {
    // A label moved to a version with nothing in it would leave the service without a key.
    await requirePending(event);
    const current = Object.keys(stages).find((id) => stages[id]?.includes('AWSCURRENT'));
    await client.send(
      new UpdateSecretVersionStageCommand({
        SecretId: event.SecretId,
        VersionStage: 'AWSCURRENT',
        MoveToVersionId: event.ClientRequestToken,
        RemoveFromVersionId: current,
      }),
    );
  }

  async function currentOf({ SecretId }: RotationEvent): Promise<SecretVersion> {
    const current = await readVersion(client, SecretId, { stage: 'AWSCURRENT' });
    if (!current) throw new Error(`${SecretId} has no current version to rotate.`);
    return current;
  }

  async function requirePending(event: RotationEvent): Promise<SecretVersion> {
    const pending = await pendingOf(event);
    if (!pending)
      throw new Error(`The version ${event.ClientRequestToken} of ${event.SecretId} has nothing in it yet.`);
    return pending;
  }

  /** @throws Error for anything that is not a step of a rotation under way; Secrets Manager then tries again */
  async function handle(event: RotationEvent): Promise<void> {
    const { Step, SecretId, ClientRequestToken: token } = event;
    const described = await client.send(new DescribeSecretCommand({ SecretId }));
    if (!described.RotationEnabled) throw new Error(`${SecretId} is not enabled for rotation.`);
    const stages = described.VersionIdsToStages ?? {};
    const own = stages[token];
    if (!own) throw new Error(`${SecretId} has no version ${token} to rotate to.`);
    // A step that comes again after the last one: there is nothing left to do.
    if (own.includes('AWSCURRENT')) return;
    if (!own.includes('AWSPENDING'))
      throw new Error(`The version ${token} of ${SecretId} is not staged as AWSPENDING.`);
    switch (Step) {
      case 'createSecret':
        return createSecret(event);
      case 'setSecret':
        return setSecret();
      case 'testSecret':
        return testSecret(event);
      case 'finishSecret':
        return finishSecret(event, stages);
      default:
        throw new Error(`"${Step}" is not a step of a rotation.`);
    }
  }

  return { handle };
}
