import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Secrets } from '../../ports/secrets.ts';

interface Stored {
  cursor_keys: string[];
  callback_secrets: Record<string, string>;
}

/**
 * Secrets in `secrets.json` of the data folder, mode 0600, made on first use. To rotate the cursor key, put a new
 * one before the old one and restart; drop the old one when lists begun before have ended.
 * @throws Error if the file cannot be used, saying what is wrong with it
 */
export function openFileSecrets(folder: string): Secrets {
  const path = join(folder, 'secrets.json');
  const stored = read(path) ?? make(folder, path);
  return {
    async cursorKeys() {
      return stored.cursor_keys;
    },
    async callbackSecret(connector) {
      const secret = stored.callback_secrets[connector];
      if (secret === undefined)
        throw new Error(`${path} has no call-back secret for "${connector}". Add one.`);
      return secret;
    },
  };
}

function read(path: string): Stored | null {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  const stored = parse(text);
  if (!stored)
    throw new Error(
      `${path} is not what Tollgate wrote: restore it from a backup, or remove it to start anew.`,
    );
  return stored;
}

function parse(text: string): Stored | null {
  try {
    const { cursor_keys, callback_secrets } = JSON.parse(text) as Partial<Stored>;
    const whole = Array.isArray(cursor_keys) && cursor_keys.length > 0 && callback_secrets !== undefined;
    return whole ? { cursor_keys, callback_secrets } : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** Written aside and linked into place, so that it is whole or not there, and the first of two makers wins. */
function make(folder: string, path: string): Stored {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const stored: Stored = {
    cursor_keys: [randomBytes(32).toString('hex')],
    callback_secrets: { simulator: `whsec_${randomBytes(32).toString('base64')}` },
  };
  const aside = `${path}.${randomBytes(6).toString('hex')}`;
  const file = openSync(aside, 'wx', 0o600);
  try {
    writeSync(file, `${JSON.stringify(stored, null, 2)}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  try {
    linkSync(aside, path);
    return stored;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return read(path) as Stored;
  } finally {
    rmSync(aside);
  }
}
