import type { CommonOptions } from './cli.ts';
import { type Io, report } from './io.ts';
import { serverOf } from './open-folder.ts';

/** Who acted, in a payment's history and in the audit log: whoever may run commands on this folder. */
export const OPERATOR = 'operator';

/** What the command line accepts, a server carries out; on AWS (no folder), functions that are always there do. */
export function tellIfNobodyServes(
  io: Io,
  { json }: CommonOptions,
  folder: string | null,
  what: string,
): void {
  if (folder === null || serverOf(folder) !== null) return;
  const note = `${what} will be processed when a server runs on ${folder}; none does now (npx tollgate serve).`;
  report(io, json === true, note, { note: 'no_server' });
}
