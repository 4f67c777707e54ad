import { UnavailableError } from '../../ports/faults.ts';

/** What Node throws when a database is asked that has been closed. */
const CLOSED = 'ERR_INVALID_STATE';

/** What SQLite says of its file (full, unreadable, locked, damaged) as a fault of the store; anything else is a bug. */
export function databaseFault(error: unknown): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  if ('errcode' in error || ('code' in error && error.code === CLOSED)) {
    return new UnavailableError(`The database could not be used: ${error.message}`, { cause: error });
  }
  return error;
}
