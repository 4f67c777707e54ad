import type { Command } from 'commander';
import type { Cli } from './cli.ts';
import { EXIT } from './exit.ts';

export function addWorker(parent: Command, cli: Cli): void {
  parent
    .command('worker')
    .description(
      'takes work of a deployment on AWS from its queue until SIGTERM or Ctrl-C; then finishes what is in hand',
    )
    .option(
      '--environment <suffix>',
      'deployment whose SSM parameters tell where its parts are (default: the environment)',
    )
    .option(
      '--health-port <port>',
      'port of the health check on 127.0.0.1; 0 takes a free one (default: 8081)',
    )
    .addHelpText('after', '\nExample:\n  npx tollgate worker --environment dev123')
    .action((options: { environment?: string; healthPort?: string }) =>
      cli.run({}, async () => {
        const { runFleetWorker } = await import('../entrypoints/run-worker.ts');
        const flags = options.healthPort === undefined ? {} : { HEALTH_PORT: options.healthPort };
        await runFleetWorker(flags, options.environment);
        return EXIT.done;
      }),
    );
}
