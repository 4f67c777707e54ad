import type { Command } from 'commander';
import { flagName, SETTINGS, type SettingName } from '../config.ts';
import { runServer } from '../entrypoints/run-server.ts';
import type { Cli } from './cli.ts';
import { CommandError, EXIT } from './exit.ts';

const NAMES = Object.keys(SETTINGS) as SettingName[];

const BOTH =
  '--environment names a deployment on AWS, and --store sqlite a data folder. Leave one of them out.';

/** `RATE_LIMIT_BURST` → `rateLimitBurst`, as commander names options. */
function optionName(setting: SettingName): string {
  return flagName(setting).replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

export function addServe(parent: Command, cli: Cli): void {
  const command = parent
    .command('serve')
    .description('runs the server until SIGTERM or Ctrl-C; same as npm start');
  for (const name of NAMES) {
    const { help, default: value } = SETTINGS[name];
    command.option(
      `--${flagName(name)} <value>`,
      `${help} (environment: ${name}${value ? `; default: ${value}` : ''})`,
    );
  }
  command
    .option(
      '--environment <suffix>',
      'deployment on AWS to serve; its SSM parameters tell where its parts are',
    )
    .addHelpText(
      'after',
      '\nExamples:\n  npx tollgate serve\n  npx tollgate serve --port 9000 --data-dir ./shop\n  npx tollgate serve --environment dev123',
    )
    .action((options: Record<string, string | undefined>) =>
      cli.run({}, async () => {
        const flags = NAMES.flatMap((name) => {
          const value = options[optionName(name)];
          return value === undefined ? [] : [[name, value] as const];
        });
        const { environment, store } = options;
        if (environment === undefined) await runServer(Object.fromEntries(flags));
        else if (store === 'sqlite') throw new CommandError('usage', BOTH);
        else await runServer({ ...Object.fromEntries(flags), STORE: 'dynamodb' }, environment);
        return EXIT.done;
      }),
    );
}
