import type { AuditReader } from '../adapters/files/files-audit-reader.ts';
import type { FillAudit } from '../app/fill-audit.ts';
import type { ListPayments } from '../app/list-payments.ts';
import type { Resolve } from '../app/resolve.ts';
import { type Config, parseConfig } from '../config.ts';
import type { Simulator } from '../connectors/simulator/simulator.ts';
import type { Clock, Timers } from '../ports/clock.ts';
import type { Ids } from '../ports/ids.ts';
import type { KeyStore } from '../ports/key-store.ts';
import type { PaymentStore } from '../ports/payment-store.ts';
import type { WorkQueue } from '../ports/work-queue.ts';
import { type CommonOptions, settingsOf } from './cli.ts';
import { CommandError } from './exit.ts';
import type { Io } from './io.ts';
import { toolLogger, withFolder } from './open-folder.ts';
import { folderIsBusy } from './pace.ts';

/** What the commands work with, wherever it is: a data folder, or a deployment on AWS. */
export interface Parts {
  config: Config;
  clock: Clock;
  ids: Ids;
  timers: Timers;
  store: PaymentStore;
  queue: WorkQueue;
  keys: KeyStore;
  auditReader: AuditReader;
  /** Null on a folder, where the feed keeps each change until it is in the audit log. */
  fillAudit: FillAudit | null;
  resolve: Resolve;
  list: ListPayments;
  /** The data folder; null on AWS, where functions carry out what is accepted. */
  folder: string | null;
  /** The connector, beside the server's own; null if there is none. Whoever opens it closes it. */
  openSimulator(): Promise<Simulator | null>;
  /** Whether so much is waiting that an import should pause. */
  isBusy(): Promise<boolean>;
}

/**
 * Opens what a command works with, and closes it again however the work ends.
 * @param mode of a folder: `create` makes it if need be, `existing` says that it is not there
 * @throws CommandError, ConfigError, SchemaError
 */
export async function withParts<T>(
  io: Io,
  options: CommonOptions,
  mode: 'create' | 'existing',
  work: (parts: Parts) => Promise<T>,
): Promise<T> {
  if (storeOf(io, options) === 'dynamodb') {
    // Loaded only when it is used: the SDK takes longer to load than most commands take to run.
    const { awsTool } = await import('../wiring-aws/tool.ts');
    return work(
      await awsTool(io.env, settingsOf(options), options.environment, toolLogger(io, options.json === true)),
    );
  }
  return withFolder(io, options, mode, (folder) =>
    work({ ...folder, fillAudit: null, isBusy: () => folderIsBusy(folder) }),
  );
}

/**
 * Where a command works.
 * @throws CommandError if its flags name both a folder and a deployment, ConfigError
 */
function storeOf(io: Io, options: CommonOptions): Config['STORE'] {
  const { STORE } = parseConfig(io.env, settingsOf(options));
  if (STORE === 'sqlite' && options.environment !== undefined) {
    throw new CommandError(
      'usage',
      '--environment names a deployment on AWS, and --store sqlite a data folder. Leave one of them out.',
    );
  }
  if (STORE === 'dynamodb' && options.dataDir !== undefined) {
    throw new CommandError(
      'usage',
      '--data-dir names a data folder, and this works on AWS (--store, --environment, STORE). Leave one of them out.',
    );
  }
  return STORE;
}

/** @throws CommandError for a command that works on a data folder alone, and was asked to work on AWS */
export function requireFolderStore(io: Io, options: CommonOptions, instead: string): void {
  if (storeOf(io, options) === 'sqlite') return;
  throw new CommandError(
    'usage',
    `This command works on a data folder, and not on AWS (--store, --environment, STORE). ${instead}`,
  );
}
