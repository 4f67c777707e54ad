import { advise } from './preflight/advise.ts';
import { parseArguments, UsageError } from './preflight/arguments.ts';
import { CredentialsError, createClients, readAccount } from './preflight/read-account.ts';
import { preflightReport } from './preflight/report.ts';
import { parseContext, SettingsError } from './settings.ts';

/**
 * `npm run preflight -- -c environmentSuffix=dev123`: asks the account what a first deployment would stumble over, and
 * prints the line to deploy by. Exits with 0 (deploy), 1 (something stands in the way) or 2 (usage, or no credentials).
 */
async function main(): Promise<number> {
  const given = parseArguments(process.argv.slice(2));
  const settings = parseContext(given);
  const facts = await readAccount(createClients(settings.region), settings);
  const preflight = advise(facts, settings);
  process.stdout.write(`${preflightReport(facts, preflight, given)}\n`);
  return preflight.checks.some(({ verdict }) => verdict === 'stop') ? 1 : 0;
}

function explain(error: unknown): string {
  if (error instanceof CredentialsError) {
    return (
      `AWS does not know who asks (${error.message}).\n` +
      'Give credentials, as for cdk deploy: "aws sso login" and AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.'
    );
  }
  if (error instanceof SettingsError || error instanceof UsageError) return error.message;
  throw error;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${explain(error)}\n`);
  process.exitCode = 2;
}
