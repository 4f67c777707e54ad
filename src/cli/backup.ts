import { resolve } from 'node:path';
import type { Command } from 'commander';
import { backupFolder } from './backup-folder.ts';
import { type Cli, type CommonOptions, withFolderOnly } from './cli.ts';
import { EXIT } from './exit.ts';
import { print, printJson } from './io.ts';
import { withFolder } from './open-folder.ts';
import { requireFolderStore } from './open-parts.ts';

interface Options extends CommonOptions {
  withSimulator?: boolean;
}

const MORE = `
The copy is of one moment, made beside the running server, and proved (every page of the database, every record of the
audit log) before the command says that it is done. It holds payments, key hashes, secrets and the audit log: keep it as
safe as the data folder. To restore it, start a server on a copy of it: npx tollgate serve --data-dir <folder>

Example:
  npx tollgate backup ./backups/2027-01-31`;

export function addBackup(parent: Command, cli: Cli): void {
  const command = parent
    .command('backup')
    .description('copies the data folder, consistent and proved, while the server runs')
    .argument('<folder>', 'where to: a folder that is empty or not there')
    .option('--with-simulator', "also the simulator's memory, which is another company's system");
  withFolderOnly(command)
    .addHelpText('after', MORE)
    .action((target: string, options: Options) =>
      cli.run(options, async () => {
        requireFolderStore(
          cli.io,
          options,
          'There, the table has point-in-time recovery, and in production a backup each month.',
        );
        return withFolder(cli.io, options, 'existing', async (folder) => {
          const backup = await backupFolder(folder, target, options.withSimulator === true);
          const { records, hash } = backup.audit;
          if (options.json) await printJson(cli.io, { folder: resolve(target), ...backup });
          else {
            await print(
              cli.io,
              `Backup of ${folder.folder} in ${target}: proved, with ${records} audit records.\nhead ${hash}`,
            );
          }
          return EXIT.done;
        });
      }),
    );
}
