/**
 * Loaded into a server before its own modules (`--import`): a disk's worth of lies. What is named in `WITHOUT_SYNC` is
 * never synced, and said to be. The checks must find out, or they are worth nothing.
 */
import fs from 'node:fs';
import { open } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

const LIES: Readonly<Record<string, () => Promise<void>>> = {
  async log() {
    fs.fdatasync = Object.assign(
      (_fd: number, done: (error: null) => void) => void setImmediate(done, null),
      { __promisify__: fs.fdatasync.__promisify__ },
    );
    syncBuiltinESMExports();
  },
  async audit() {
    await using handle = await open(import.meta.filename);
    Object.getPrototypeOf(handle).datasync = async () => undefined;
  },
};

await LIES[process.env.WITHOUT_SYNC ?? '']?.();
