import { type Command, Option } from 'commander';
import { SchemaError } from '../adapters/sqlite/database.ts';
import { ConfigError, type SettingName } from '../config.ts';
import { UnavailableError } from '../ports/faults.ts';
import { missingAwsSetup, sentence } from './aws-setup.ts';
import { CommandError, EXIT, type ExitCode, type ExitName } from './exit.ts';
import { ClosedPipeError, type Io, report } from './io.ts';

/** Options that every command has. */
export interface CommonOptions {
  json?: boolean;
  dataDir?: string;
  /** Of commands that work on AWS too. */
  store?: 'sqlite' | 'dynamodb';
  environment?: string;
}

/** What the commands of one run share. */
export interface Cli {
  io: Io;
  /** Runs a command's work, and turns what it throws into a message and an exit code. */
  run(options: CommonOptions, work: () => Promise<ExitCode>): Promise<void>;
  /** The exit code of the command that has run. */
  exitCode: ExitCode;
}

export function createCli(io: Io): Cli {
  const cli: Cli = {
    io,
    exitCode: EXIT.done,
    async run({ json = false }, work) {
      try {
        cli.exitCode = await work();
      } catch (error) {
        if (error instanceof ClosedPipeError) return;
        const [exit, message] = explain(error);
        cli.exitCode = EXIT[exit];
        report(io, json, message, { error: exit, exit_code: EXIT[exit] });
      }
    },
  };
  return cli;
}

/** SQLite's primary result codes, of which the extended ones are refinements. */
const SQLITE_BUSY = 5;

function explain(error: unknown): [ExitName, string] {
  if (error instanceof CommandError) return [error.exit, error.message];
  if (error instanceof ConfigError || error instanceof SchemaError) return ['usage', error.message];
  const message = error instanceof Error ? error.message : String(error);
  const missing = missingAwsSetup(error);
  if (missing !== null) return ['usage', missing];
  if (error instanceof UnavailableError)
    return ['fault', `${sentence(message)} Nothing is lost: run the command again.`];
  const { errcode } = error as { errcode?: number };
  if (errcode !== undefined && (errcode & 0xff) === SQLITE_BUSY) {
    return ['fault', 'Another process has been writing to the database for too long. Run the command again.'];
  }
  return ['fault', message];
}

/** Adds what every command has. */
export function withCommon(command: Command): Command {
  return command
    .option('--data-dir <folder>', 'folder of the data (environment: DATA_DIR; default: ./data)')
    .option('--json', 'for machines: one JSON document on standard output');
}

/** Adds what the commands have that work on a deployment on AWS as well as on a folder. */
export function withStore(command: Command): Command {
  return withCommon(command)
    .addOption(
      new Option(
        '--store <store>',
        'a data folder, or tables on AWS (environment: STORE; default: sqlite)',
      ).choices(['sqlite', 'dynamodb']),
    )
    .option('--environment <suffix>', 'deployment on AWS whose SSM parameters tell where its parts are');
}

/**
 * Adds what every command has to one that works on a data folder alone. Where others take a deployment on AWS it says
 * so, instead of not knowing the option.
 */
export function withFolderOnly(command: Command): Command {
  return withCommon(command)
    .addOption(new Option('--store <store>').choices(['sqlite', 'dynamodb']).hideHelp())
    .addOption(new Option('--environment <suffix>').hideHelp());
}

/** The settings that a command's own flags give. */
export function settingsOf({
  dataDir,
  store,
  environment,
}: CommonOptions): Partial<Record<SettingName, string>> {
  const chosen = store ?? (environment === undefined ? undefined : 'dynamodb');
  return {
    ...(dataDir === undefined ? {} : { DATA_DIR: dataDir }),
    ...(chosen === undefined ? {} : { STORE: chosen }),
  };
}
