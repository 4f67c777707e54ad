import { type Command, InvalidArgumentError } from 'commander';
import { newKey } from '../app/api-keys.ts';
import { timestamp } from '../domain/payment.ts';
import type { Scope } from '../ports/key-store.ts';
import { modeOption, parseMerchant } from './arguments.ts';
import { type Cli, type CommonOptions, withStore } from './cli.ts';
import { CommandError, EXIT } from './exit.ts';
import { type Expiry, parseExpiry } from './expiry.ts';
import { print, printJson } from './io.ts';
import { withParts } from './open-parts.ts';

const SCOPES: readonly Scope[] = ['payments:read', 'payments:write', 'refunds:write', 'admin'];
const DEFAULT_SCOPES: readonly Scope[] = ['payments:read', 'payments:write', 'refunds:write'];

interface Options extends CommonOptions {
  merchant: string;
  mode: 'test' | 'live';
  scopes: readonly Scope[];
  expires?: Expiry;
}

function parseScopes(text: string): readonly Scope[] {
  const names = [...new Set(text.split(',').map((name) => name.trim()))];
  const known = SCOPES.filter((scope) => names.includes(scope));
  if (known.length !== names.length) {
    throw new InvalidArgumentError(`Give one or more of ${SCOPES.join(', ')}, with commas between them.`);
  }
  return known;
}

export function addKeysCreate(parent: Command, cli: Cli): void {
  const command = parent
    .command('create')
    .description('makes an API key, and the merchant if need be; the key is shown once and not stored')
    .requiredOption('--merchant <id>', 'whose key: 1 to 64 of A-Z a-z 0-9 _ -', parseMerchant)
    .addOption(modeOption().makeOptionMandatory())
    .option(
      '--scopes <a,b>',
      `what it allows: ${SCOPES.join(', ')} (admin is server-wide)`,
      parseScopes,
      DEFAULT_SCOPES,
    )
    .option(
      '--expires <when>',
      'date or time (RFC 3339), or a duration such as 90d or 12h (default: never)',
      parseExpiry,
    );
  withStore(command)
    .addHelpText(
      'after',
      `
Examples:
  npx tollgate keys create --merchant shop --mode test
  npx tollgate keys create --merchant shop --mode live --scopes payments:read --expires 90d --json`,
    )
    .action((options: Options) =>
      cli.run(options, async () => {
        const { merchant, mode, scopes, expires } = options;
        return withParts(cli.io, options, 'create', async ({ keys, ids, clock }) => {
          const nowMs = clock.now();
          const expiresAt = expires === undefined ? null : endOf(expires, nowMs);
          const { key, stored } = newKey(
            { ids },
            { merchantId: merchant, livemode: mode === 'live', scopes, expiresAt, nowMs },
          );
          await keys.put(stored);
          const { merchant_id, key_id } = stored;
          if (options.json) await printJson(cli.io, { merchant_id, key_id, key });
          else await print(cli.io, shown(merchant_id, mode, key, key_id, scopes, expiresAt));
          return EXIT.done;
        });
      }),
    );
}

function endOf(expires: Expiry, nowMs: number): string {
  const endMs = 'atMs' in expires ? expires.atMs : nowMs + expires.afterMs;
  if (endMs <= nowMs) {
    throw new CommandError(
      'usage',
      `--expires is ${timestamp(endMs)}, and it is ${timestamp(nowMs)} now. Give a later time.`,
    );
  }
  return timestamp(endMs);
}

function shown(
  merchant: string,
  mode: string,
  key: string,
  keyId: string,
  scopes: readonly Scope[],
  expiresAt: string | null,
): string {
  const ends = expiresAt ? `until ${expiresAt}` : 'does not expire';
  return [
    `Key ${keyId} of merchant ${merchant}: ${mode}, ${scopes.join(' ')}, ${ends}.`,
    '',
    `  ${key}`,
    '',
    'It is shown this once and not stored: keep it now.',
  ].join('\n');
}
