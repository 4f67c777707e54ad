import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const ROOT = resolve(import.meta.dirname, '../..');
/** Ends the names of a template that nobody deploys. */
const SUFFIX = 'cost';
/** The CDK prints a warning or two; more would be a fault worth reading whole. */
const MOST_OUTPUT_BYTES = 16 * 2 ** 20;

/** What stands behind `-c` on the command line, by key. */
export type Context = Readonly<Record<string, string>>;

/** There is no template; the message is what the app said. */
export class SynthesisError extends Error {
  override readonly name = 'SynthesisError';
}

/**
 * The template of the payment stack for a context.
 * @throws SynthesisError with the message about the settings, if these cannot be used
 */
export async function synthesise(context: Context): Promise<object> {
  const [template] = await synthesiseAll([context]);
  return template as object;
}

/**
 * The templates of the payment stack for several contexts, in their order: as `npm run synth` makes them, but not
 * checked by the rule packs. In a process of its own, since the CDK's app belongs to infra/, and in one for all.
 * @throws SynthesisError with the message about the first settings that cannot be used
 */
export async function synthesiseAll(contexts: readonly Context[]): Promise<object[]> {
  const folder = mkdtempSync(join(tmpdir(), 'cost-'));
  try {
    const all = contexts.map((context) => ({ environmentSuffix: SUFFIX, ...context }));
    writeFileSync(join(folder, 'contexts.json'), JSON.stringify(all));
    await promisify(execFile)(process.execPath, [join(ROOT, 'infra/template.ts'), folder], {
      maxBuffer: MOST_OUTPUT_BYTES,
    });
    return all.map((_, i) => JSON.parse(readFileSync(join(folder, `${i}.json`), 'utf8')) as object);
  } catch (error) {
    throw hasSaidWhy(error) ? new SynthesisError(error.stderr.trim(), { cause: error }) : error;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Whether the app ended with a message of its own. */
function hasSaidWhy(error: unknown): error is Error & { readonly stderr: string } {
  return (
    error instanceof Error && 'stderr' in error && typeof error.stderr === 'string' && error.stderr !== ''
  );
}
