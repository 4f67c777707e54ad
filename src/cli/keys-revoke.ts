import type { Command } from 'commander';
import { parseKey } from '../app/api-keys.ts';
import { timestamp } from '../domain/payment.ts';
import { type Cli, type CommonOptions, withStore } from './cli.ts';
import { CommandError, EXIT } from './exit.ts';
import { print, printJson } from './io.ts';
import { withParts } from './open-parts.ts';

export function addKeysRevoke(parent: Command, cli: Cli): void {
  const command = parent
    .command('revoke')
    .description('ends a key at once; a running server refuses it from its next request on')
    .argument('<key id>', 'as keys list shows it (or the whole key)');
  withStore(command)
    .addHelpText('after', '\nExample:\n  npx tollgate keys revoke 4f3k9q2m7c1x8z0a')
    .action((given: string, options: CommonOptions) =>
      cli.run(options, () =>
        withParts(cli.io, options, 'existing', async ({ keys, clock }) => {
          // Whoever revokes a leaked key may have nothing but the key. Its secret is not repeated here.
          const keyId = parseKey(given)?.keyId ?? given;
          if (!(await keys.revoke(keyId, timestamp(clock.now())))) {
            const which = keyId.startsWith('tg_') ? 'that' : keyId;
            throw new CommandError(
              'not_found',
              `There is no key ${which}. Ids are listed by: npx tollgate keys list`,
            );
          }
          const revoked_at = (await keys.get(keyId))?.revoked_at ?? null;
          if (options.json) await printJson(cli.io, { key_id: keyId, revoked_at });
          else await print(cli.io, `Key ${keyId} is revoked since ${revoked_at}.`);
          return EXIT.done;
        }),
      ),
    );
}
