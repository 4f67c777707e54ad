import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { buildSync } from 'esbuild';

export const FUNCTION_NAMES = ['api', 'authorizer', 'relay', 'worker', 'audit', 'sweep', 'rotation'] as const;
export type FunctionName = (typeof FUNCTION_NAMES)[number];

const root = resolve(import.meta.dirname, '..');
const built = new Map<string, string>();

/** A function finds its credentials in its environment and nowhere else. */
const CREDENTIALS = {
  '@aws-sdk/credential-provider-node': join(root, 'src/wiring-aws/environment-credentials.ts'),
};

function bundle(entry: string, folder: string, file: string, alias: Record<string, string> = {}): string {
  const outdir = join(root, 'dist', folder);
  const known = built.get(outdir);
  if (known) return known;
  mkdirSync(outdir, { recursive: true });
  const { outputFiles } = buildSync({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile: join(outdir, file),
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    // What the runtime brings is left out of no bundle: a version of our own is the one that was tested.
    mainFields: ['module', 'main'],
    alias,
    minify: true,
    legalComments: 'none',
    logLevel: 'error',
    write: false,
  });
  for (const { path, contents } of outputFiles) {
    // Put into place whole: another process may be reading what it has built itself a moment ago.
    const unfinished = `${path}.${process.pid}`;
    writeFileSync(unfinished, contents);
    renameSync(unfinished, path);
  }
  built.set(outdir, outdir);
  return outdir;
}

/**
 * Bundles a Lambda function's entry point, once per process.
 * @returns the folder that holds `index.mjs`, which exports `handler`
 */
export function bundleFunction(name: FunctionName): string {
  return bundle(`src/entrypoints/lambda-${name}.ts`, `lambda/${name}`, 'index.mjs', CREDENTIALS);
}

/** The fleet's worker as one file, `tollgate-worker.mjs`. */
export function bundleFleet(): string {
  return bundle('src/entrypoints/fleet.ts', 'fleet', 'tollgate-worker.mjs');
}
