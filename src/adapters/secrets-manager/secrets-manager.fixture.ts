import {
  InvalidParameterException,
  ResourceExistsException,
  ResourceNotFoundException,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { createSecretsClient } from './secrets-client.ts';

export const SECRET_ID = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:payment-db-credentials-test';

interface Version {
  stages: Set<string>;
  text: string | null;
}

interface Input {
  VersionId?: string;
  VersionStage?: string;
  VersionStages?: string[];
  ClientRequestToken?: string;
  SecretString?: string;
  MoveToVersionId?: string;
  RemoveFromVersionId?: string;
  PasswordLength?: number;
  ExcludePunctuation?: boolean;
}

/** One secret as Secrets Manager keeps it: versions, staging labels, and how labels move. */
export interface FakeSecretsManager {
  client(): SecretsManagerClient;
  versions: Map<string, Version>;
  rotationEnabled: boolean;
  /** Names of the commands that were sent. */
  calls: string[];
  /** Called before each command: what it throws is the answer. */
  before(command: string): Promise<void>;
  /** Called after each command: what it throws is a lost answer. */
  after(command: string): Promise<void>;
  /** What Secrets Manager does before it calls the rotation function: a version with nothing in it. */
  stage(token: string): void;
  /** A whole rotation, as its function does it. */
  rotateTo(token: string, password: string): void;
  holder(stage: string): string | undefined;
  textOf(stage: string): string | null | undefined;
}

const fault = (message: string) => ({ message, $metadata: { httpStatusCode: 400 } });

export function fakeSecretsManager(password = 'first'.padEnd(32, '0')): FakeSecretsManager {
  const versions = new Map<string, Version>();
  let passwords = 0;

  function holder(stage: string): string | undefined {
    return [...versions].find(([, version]) => version.stages.has(stage))?.[0];
  }

  /** A label is on one version; AWSPREVIOUS follows AWSCURRENT to the version that this left. */
  function label(stage: string, id: string): void {
    const from = holder(stage);
    if (from === id) return;
    if (from) versions.get(from)?.stages.delete(stage);
    versions.get(id)?.stages.add(stage);
    if (stage === 'AWSCURRENT' && from) label('AWSPREVIOUS', from);
  }

  function getValue({ VersionId, VersionStage = 'AWSCURRENT' }: Input): object {
    const id = VersionId ?? holder(VersionStage);
    const version = id === undefined ? undefined : versions.get(id);
    if (!version?.stages.has(VersionStage) || version.text === null)
      throw new ResourceNotFoundException(fault(`can't find the value for staging label: ${VersionStage}`));
    return { SecretString: version.text, VersionId: id, VersionStages: [...version.stages] };
  }

  function putValue({ ClientRequestToken = '', SecretString = '', VersionStages = [] }: Input): object {
    const version = versions.get(ClientRequestToken) ?? { stages: new Set(), text: null };
    if (version.text !== null && version.text !== SecretString)
      throw new ResourceExistsException(fault('the version has another value'));
    version.text = SecretString;
    versions.set(ClientRequestToken, version);
    for (const stage of VersionStages) label(stage, ClientRequestToken);
    return { VersionId: ClientRequestToken };
  }

  function updateStage({ VersionStage = '', MoveToVersionId = '', RemoveFromVersionId }: Input): object {
    const from = holder(VersionStage);
    if (from !== undefined && from !== MoveToVersionId && from !== RemoveFromVersionId)
      throw new InvalidParameterException(fault('the label is on another version'));
    label(VersionStage, MoveToVersionId);
    return {};
  }

  function answer(command: string, input: Input): object {
    switch (command) {
      case 'GetSecretValueCommand':
        return getValue(input);
      case 'PutSecretValueCommand':
        return putValue(input);
      case 'UpdateSecretVersionStageCommand':
        return updateStage(input);
      case 'GetRandomPasswordCommand': {
        passwords += 1;
        const filler = input.ExcludePunctuation ? 'x' : '!';
        return { RandomPassword: `random${passwords}`.padEnd(input.PasswordLength ?? 0, filler) };
      }
      case 'DescribeSecretCommand':
        return {
          RotationEnabled: fake.rotationEnabled,
          VersionIdsToStages: Object.fromEntries([...versions].map(([id, { stages }]) => [id, [...stages]])),
        };
      default:
        throw new Error(`The fake does not know ${command}.`);
    }
  }

  const fake: FakeSecretsManager = {
    versions,
    rotationEnabled: true,
    calls: [],
    before: async () => undefined,
    after: async () => undefined,
    holder,
    textOf: (stage) => versions.get(holder(stage) ?? '')?.text,

    client() {
      const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
      const client = createSecretsClient({ region: 'us-east-1', credentials });
      client.middlewareStack.add(
        (_, context) => async (args) => {
          const command = context.commandName as string;
          fake.calls.push(command);
          await fake.before(command);
          const output = { ...answer(command, args.input as Input), $metadata: {} };
          await fake.after(command);
          return { response: {}, output } as never;
        },
        { step: 'initialize' },
      );
      return client;
    },

    stage(token) {
      versions.set(token, { stages: new Set(), text: null });
      label('AWSPENDING', token);
    },

    rotateTo(token, next) {
      fake.stage(token);
      putValue({
        ClientRequestToken: token,
        SecretString: JSON.stringify({ username: 'paymentuser', password: next }),
      });
      label('AWSCURRENT', token);
    },
  };
  putValue({
    ClientRequestToken: 'v1',
    SecretString: JSON.stringify({ username: 'paymentuser', password }),
    VersionStages: ['AWSCURRENT'],
  });
  return fake;
}
