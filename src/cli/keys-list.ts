import type { Command } from 'commander';
import type { StoredKey } from '../ports/key-store.ts';
import { parseMerchant } from './arguments.ts';
import { type Cli, type CommonOptions, withStore } from './cli.ts';
import { EXIT } from './exit.ts';
import { print, printJson } from './io.ts';
import { withParts } from './open-parts.ts';
import { table } from './table.ts';

interface Options extends CommonOptions {
  merchant?: string;
}

type KeyView = Omit<StoredKey, 'secret_hash' | 'livemode'> & { mode: string; state: string };

function view({ secret_hash: _, livemode, ...key }: StoredKey, nowMs: number): KeyView {
  const expired = key.expires_at !== null && !(nowMs < Date.parse(key.expires_at));
  const state = key.revoked_at !== null ? 'revoked' : expired ? 'expired' : 'active';
  return { ...key, mode: livemode ? 'live' : 'test', state };
}

export function addKeysList(parent: Command, cli: Cli): void {
  const command = parent
    .command('list')
    .description('lists keys, without their secrets, which nobody has')
    .option('--merchant <id>', 'only those of this merchant', parseMerchant);
  withStore(command).action((options: Options) =>
    cli.run(options, () =>
      withParts(cli.io, options, 'existing', async ({ keys, clock }) => {
        const found = await keys.list(options.merchant);
        const rows = found.map((key) => view(key, clock.now()));
        if (options.json) await printJson(cli.io, { data: rows });
        else await print(cli.io, rows.length === 0 ? 'No keys.' : shown(rows));
        return EXIT.done;
      }),
    ),
  );
}

function shown(rows: readonly KeyView[]): string {
  return table(rows, [
    { title: 'KEY ID', of: (key) => key.key_id },
    { title: 'MERCHANT', of: (key) => key.merchant_id },
    { title: 'MODE', of: (key) => key.mode },
    { title: 'STATE', of: (key) => key.state },
    { title: 'SCOPES', of: (key) => key.scopes.join(' ') },
    { title: 'CREATED', of: (key) => key.created_at },
    { title: 'EXPIRES', of: (key) => key.expires_at ?? 'never' },
  ]);
}
