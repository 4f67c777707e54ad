import { createServer } from 'node:http';
import { onLoopback } from './loopback.ts';

interface Version {
  id: string;
  text: string;
}

export interface SecretsManagerStandIn {
  endpoint: string;
  /** A new current version; the one before becomes the previous one. */
  rotate(text: string): void;
  /** Calls so far, by operation. */
  calls: Record<string, number>;
  stop(): Promise<void>;
}

/** There is no emulator of Secrets Manager in npm: this answers `GetSecretValue` of one secret, as the service does. */
export async function startSecretsManager(text: string): Promise<SecretsManagerStandIn> {
  const versions: Version[] = [{ id: 'v1', text }];
  const calls: Record<string, number> = {};

  function secretValue({ VersionStage = 'AWSCURRENT' }: { VersionStage?: string }): object | null {
    const version = versions.at(VersionStage === 'AWSCURRENT' ? -1 : -2);
    if (!version || (VersionStage === 'AWSPREVIOUS' && versions.length < 2)) return null;
    return {
      Name: 'secret',
      VersionId: version.id,
      SecretString: version.text,
      VersionStages: [VersionStage],
    };
  }

  const server = createServer(async (request, response) => {
    const operation = String(request.headers['x-amz-target']).split('.')[1] ?? '';
    calls[operation] = (calls[operation] ?? 0) + 1;
    let body = '';
    for await (const chunk of request) body += chunk;
    const found = operation === 'GetSecretValue' ? secretValue(JSON.parse(body)) : null;
    const answer = found ?? {
      __type: 'ResourceNotFoundException',
      message: "Secrets Manager can't find the specified secret value.",
    };
    response.writeHead(found ? 200 : 400, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(JSON.stringify(answer));
  });
  const { endpoint, stop } = await onLoopback(server);
  return {
    endpoint,
    rotate: (next) => void versions.push({ id: `v${versions.length + 1}`, text: next }),
    calls,
    stop,
  };
}
