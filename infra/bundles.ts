import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { buildSync } from 'esbuild';

export const FUNCTION_NAMES = ['api', 'authorizer', 'relay', 'worker', 'audit', 'sweep', 'rotation'] as const;
export type FunctionName = (typeof FUNCTION_NAMES)[number];
/** `url` is the code of `api` behind CloudFront, where it is called by its URL and looks keys up by itself. */
export type BundleName = FunctionName | 'url';

const root = resolve(import.meta.dirname, '..');
const built = new Map<string, string>();

/** A function finds its credentials in its environment and nowhere else. */
const CREDENTIALS = {
  '@aws-sdk/credential-provider-node': join(root, 'src/wiring-aws/environment-credentials.ts'),
};

interface Shape {
  alias?: Record<string, string>;
  /** What is imported only when it is needed is a file of its own, which a cold start does not load. */
  splitting?: boolean;
}

function bundle(entry: string, folder: string, file: string, shape: Shape = {}): string {
  const outdir = join(root, 'dist', folder);
  const known = built.get(outdir);
  if (known) return known;
  mkdirSync(outdir, { recursive: true });
  const { outputFiles } = buildSync({
    absWorkingDir: root,
    entryPoints: [entry],
    outdir,
    entryNames: file.replace(/\.mjs$/, ''),
    chunkNames: '[name]-[hash]',
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    // What the runtime brings is left out of no bundle: a version of our own is the one that was tested.
    mainFields: ['module', 'main'],
    minify: true,
    ...shape,
    legalComments: 'none',
    logLevel: 'error',
    write: false,
  });
  for (const { path, contents } of outputFiles.toReversed()) putInPlace(path, contents);
  removeOthers(
    outdir,
    outputFiles.map(({ path }) => basename(path)),
  );
  built.set(outdir, outdir);
  return outdir;
}

/**
 * Whole, and by way of another folder: another process may be reading what it has built itself a moment ago, or taking
 * the folder's fingerprint.
 */
function putInPlace(path: string, contents: Uint8Array): void {
  if (existsSync(path) && readFileSync(path).equals(contents)) return;
  const folder = join(root, 'dist', 'unfinished');
  mkdirSync(folder, { recursive: true });
  const unfinished = join(folder, `${basename(path)}.${process.pid}`);
  writeFileSync(unfinished, contents);
  renameSync(unfinished, path);
}

/** Chunks of an earlier build would be deployed too. */
function removeOthers(folder: string, made: readonly string[]): void {
  for (const name of readdirSync(folder)) {
    if (name.endsWith('.mjs') && !made.includes(name)) rmSync(join(folder, name), { force: true });
  }
}

/**
 * Bundles a Lambda function's entry point, once per process.
 * @returns the folder that holds `index.mjs`, which exports `handler`, and what it imports when it is needed
 */
export function bundleFunction(name: BundleName): string {
  return bundle(`src/entrypoints/lambda-${name}.ts`, `lambda/${name}`, 'index.mjs', {
    alias: CREDENTIALS,
    splitting: true,
  });
}

/** What hashes bodies at CloudFront's edge, as a folder that holds `index.mjs`. */
export function bundleBodyHash(): string {
  return bundle('infra/edge/body-hash.ts', 'lambda/body-hash', 'index.mjs');
}

/** The fleet's worker as one file, `tollgate-worker.mjs`. */
export function bundleFleet(): string {
  return bundle('src/entrypoints/fleet.ts', 'fleet', 'tollgate-worker.mjs');
}

/** What a folder of bundles weighs, in bytes: all of it is deployed, though not all of it is loaded. */
export function bundleBytes(folder: string): number {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.mjs'))
    .reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}
