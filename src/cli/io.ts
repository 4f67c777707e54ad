import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { redact } from '../domain/forbidden-text.ts';

export type Output = Writable & { isTTY?: boolean };

/** Everything a command touches of the process that it runs in, so that tests can hand in their own. */
export interface Io {
  stdout: Output;
  stderr: Output;
  stdin: Readable & { isTTY?: boolean };
  env: Record<string, string | undefined>;
  /** Length of what stands on standard input, where that is a file: what progress is measured against. */
  stdinBytes?: number | undefined;
}

/** The reader of standard output went away (`… | head`): there is nobody to go on for, and nothing is wrong. */
export class ClosedPipeError extends Error {
  override readonly name = 'ClosedPipeError';
}

/**
 * Writes and waits until there is room for more, so that output of any length needs little memory.
 * @throws ClosedPipeError if nobody reads any more
 */
export async function write(output: Output, text: string): Promise<void> {
  if (output.destroyed || output.errored) throw new ClosedPipeError();
  if (output.write(text)) return;
  try {
    await Promise.race([once(output, 'drain'), once(output, 'close').then(() => Promise.reject())]);
  } catch {
    throw new ClosedPipeError();
  }
}

/** One line for a person, or with `--json` one JSON object, on standard error. Digits of a card and secrets of keys are taken out. */
export function report(io: Io, json: boolean, message: string, fields: Record<string, unknown> = {}): void {
  const line = json ? JSON.stringify({ ...fields, message }) : message;
  io.stderr.write(`${redact(line)}\n`);
}

export async function printJson(io: Io, value: unknown): Promise<void> {
  await write(io.stdout, `${JSON.stringify(value, null, io.stdout.isTTY ? 2 : 0)}\n`);
}

export async function print(io: Io, text: string): Promise<void> {
  await write(io.stdout, text === '' ? '' : `${text}\n`);
}
