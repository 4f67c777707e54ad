import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { findServer } from '../adapters/sqlite/server-lock.ts';
import { type Config, parseConfig } from '../config.ts';
import type { Simulator } from '../connectors/simulator/simulator.ts';
import type { Logger } from '../ports/logger.ts';
import { FILES, type Folder, openFolder, openSimulator } from '../wiring.ts';
import { type CommonOptions, settingsOf } from './cli.ts';
import { CommandError } from './exit.ts';
import { type Io, report } from './io.ts';

export interface Opened extends Folder {
  config: Config;
  /** The connector of this folder, beside the server's own. */
  openSimulator(): Promise<Simulator>;
}

/**
 * Opens the data folder beside whatever server runs on it, and closes it again however the work ends.
 * @param mode `create`: makes the folder if need be; `existing`: says that it is not there
 * @throws CommandError, ConfigError, SchemaError
 */
export async function withFolder<T>(
  io: Io,
  options: CommonOptions,
  mode: 'create' | 'existing',
  work: (folder: Opened) => Promise<T>,
): Promise<T> {
  const config = parseConfig(io.env, settingsOf(options));
  if (mode === 'existing') requireFolder(config.DATA_DIR);
  const folder = openFolder(config, 'tool', toolLogger(io, options.json === true));
  try {
    return await work({
      ...folder,
      config,
      openSimulator: () => openSimulator(config, folder, () => config.PUBLIC_URL),
    });
  } finally {
    await folder.database.close();
  }
}

/** @throws CommandError if there is no folder, or no database in it */
export function requireFolder(path: string): void {
  const what = !existsSync(path)
    ? 'There is no folder'
    : existsSync(join(path, FILES.database))
      ? null
      : 'There is no Tollgate database in';
  if (what === null) return;
  throw new CommandError(
    'usage',
    `${what} ${path}. Give the folder of the data (--data-dir, DATA_DIR), or make one: npx tollgate serve`,
  );
}

/** Who serves the folder now; null if nobody does. A folder that was never served is not touched. */
export function serverOf(folder: string): string | null {
  return existsSync(join(folder, 'server.lock')) ? findServer(folder) : null;
}

/** What the parts have to say goes to standard error, if it is a warning at least. */
export function toolLogger(io: Io, json: boolean): Logger {
  const say = (level: string) => (fields: object, message: string) =>
    report(io, json, json ? message : `${level}: ${message} ${JSON.stringify(fields)}`, { level, ...fields });
  const nothing = () => undefined;
  return { debug: nothing, info: nothing, warn: say('warning'), error: say('error') };
}
