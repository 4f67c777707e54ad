import type { Given } from './report.ts';

/** The command line cannot be used; the message says what to give. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/**
 * Reads `-c key=value`, `-ckey=value`, `--context key=value` and `--context=key=value`, as the CDK does.
 * @throws UsageError for anything else
 */
export function parseArguments(given: readonly string[]): Given {
  const values: Record<string, string> = {};
  for (let i = 0; i < given.length; i++) {
    const argument = given[i] ?? '';
    const attached = /^(?:--context=|-c=?)(.+)$/.exec(argument)?.[1];
    const pair = attached ?? (argument === '-c' || argument === '--context' ? given[++i] : undefined);
    const parts = /^([^=]+)=(.*)$/.exec(pair ?? '');
    if (!parts) throw new UsageError(`"${argument}" is not understood. Give -c key=value, as to cdk deploy.`);
    values[parts[1] as string] = parts[2] as string;
  }
  return values;
}
