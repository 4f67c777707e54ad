import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/** The few things that the audit log asks of a file system, so that tests can make each of them fail. */
export interface LogFiles {
  /** Makes the folder, for its owner alone, if there is none. */
  makeFolder(folder: string): Promise<void>;
  /** Names in the folder; none if there is no folder. */
  names(folder: string): Promise<string[]>;
  /** In bytes; null if there is no such file. */
  sizeOf(path: string): Promise<number | null>;
  /** Opens for appending, and makes the file, for its owner alone, if there is none. */
  openToAppend(path: string): Promise<LogFile>;
  /** The bytes from `start` up to and without `end`, in chunks; fewer if the file ends before. */
  read(path: string, start: number, end: number): AsyncIterable<Buffer>;
  /** Cuts the file to a length; durable before it resolves. */
  truncate(path: string, bytes: number): Promise<void>;
  remove(path: string): Promise<void>;
  /** Makes what was created in or removed from the folder durable. */
  syncFolder(folder: string): Promise<void>;
}

export interface LogFile {
  append(bytes: Buffer): Promise<void>;
  /** Makes all that was appended durable. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** Large enough to be fast, small enough that checking one chunk holds up the event loop for a few ms only. */
const READ_CHUNK_BYTES = 256 * 1024;

const OWNER_FOLDER = 0o700;
const OWNER_FILE = 0o600;

export const nodeLogFiles: LogFiles = {
  async makeFolder(folder) {
    const path = resolve(folder);
    const first = await mkdir(path, { recursive: true, mode: OWNER_FOLDER });
    if (first === undefined) return;
    for (let made = path; made.length >= first.length; made = dirname(made)) await syncFolder(dirname(made));
  },

  async names(folder) {
    return (await unlessAbsent(readdir(folder))) ?? [];
  },

  async sizeOf(path) {
    return (await unlessAbsent(stat(path)))?.size ?? null;
  },

  async openToAppend(path) {
    const handle = await open(path, 'a', OWNER_FILE);
    return {
      async append(bytes) {
        // One write as a rule: the kernel takes less only when the disk is full or a quota is reached.
        for (let written = 0; written < bytes.length; ) {
          written += (await handle.write(bytes, written)).bytesWritten;
        }
      },
      sync: () => handle.datasync(),
      close: () => handle.close(),
    };
  },

  read(path, start, end) {
    return createReadStream(path, { start, end: end - 1, highWaterMark: READ_CHUNK_BYTES });
  },

  async truncate(path, bytes) {
    await using handle = await open(path, 'r+');
    await handle.truncate(bytes);
    await handle.sync();
  },

  remove: (path) => rm(path),

  syncFolder,
};

async function syncFolder(folder: string): Promise<void> {
  await using handle = await open(folder, 'r');
  await handle.sync();
}

async function unlessAbsent<T>(found: Promise<T>): Promise<T | null> {
  try {
    return await found;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}
