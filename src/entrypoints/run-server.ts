import { SchemaError } from '../adapters/sqlite/database.ts';
import { FolderInUseError } from '../adapters/sqlite/server-lock.ts';
import type { AwsConfig } from '../aws-config.ts';
import { ConfigError, parseConfig, type SettingName } from '../config.ts';
import { redact } from '../domain/forbidden-text.ts';
import { serve, serveAws } from './serve.ts';

/** Exit code of a start that was refused: bad settings, a folder in use, a schema that does not fit, a taken port. */
const REFUSED = 2;

/**
 * Runs the server until SIGTERM or SIGINT, then stops it and exits with 0; a second signal exits at once.
 * @param environment suffix of a deployment on AWS, whose parameters tell where its parts are
 */
export async function runServer(
  flags: Partial<Record<SettingName, string>>,
  environment?: string | undefined,
): Promise<void> {
  let stopping = false;
  try {
    const print = (text: string) => process.stdout.write(text);
    const config = parseConfig(process.env, flags);
    const server = await (config.STORE === 'dynamodb'
      ? serveAws(await awsConfig(flags, environment), print)
      : serve(config, print));
    const stop = (signal: NodeJS.Signals) => {
      if (stopping) process.exit(1);
      stopping = true;
      server.stop().then(
        () => process.exit(0),
        (error) => {
          process.stderr.write(`The server did not stop cleanly after ${signal}: ${error}\n`);
          process.exit(1);
        },
      );
    };
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
  } catch (error) {
    const message = startProblem(error);
    if (message === null) throw error;
    process.stderr.write(`${redact(message)}\n`);
    process.exit(REFUSED);
  }
}

async function awsConfig(
  flags: Partial<Record<SettingName, string>>,
  environment: string | undefined,
): Promise<AwsConfig> {
  // Loaded only when it is used, as all that needs the SDK.
  const { configOfDeployment } = await import('../wiring-aws/deployment.ts');
  return configOfDeployment(process.env, flags, environment);
}

/** Why the start was refused, for a person; null if it is a fault of ours. */
function startProblem(error: unknown): string | null {
  if (error instanceof ConfigError || error instanceof FolderInUseError || error instanceof SchemaError) {
    return error.message;
  }
  const { code, address, port } = error as { code?: string; address?: string; port?: number };
  if (code === 'EADDRINUSE') {
    return `Port ${port} of ${address} is taken. Stop what uses it, or give another (PORT, --port; 0 takes a free one).`;
  }
  if (code === 'EACCES' || code === 'ENOTFOUND' || code === 'EADDRNOTAVAIL') {
    return `Cannot use it: ${(error as Error).message}. Check HOST, PORT and DATA_DIR.`;
  }
  return null;
}
