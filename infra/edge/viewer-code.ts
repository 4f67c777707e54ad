import { resolve } from 'node:path';
import { buildSync } from 'esbuild';

/** CloudFront takes no longer code. */
const MOST_BYTES = 10 * 1_024;

export interface ViewerCodeProps {
  /** @default - CloudFront's own address answers too */
  readonly domainName?: string | null;
  /** What paths begin with for whose bodies CloudFront makes the hash itself, such as `/callbacks/`. */
  readonly hashedPaths: readonly string[];
}

/** The code of CloudFront's function: viewer-request.ts without its types and with all that it imports. */
export function viewerCode({ domainName, hashedPaths }: ViewerCodeProps): string {
  const { outputFiles } = buildSync({
    absWorkingDir: resolve(import.meta.dirname, '..', '..'),
    entryPoints: ['infra/edge/viewer-request.ts'],
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2017',
    // What runtime 2.0 does not list among its features; what cannot be written otherwise fails here.
    supported: { 'object-extensions': false, destructuring: false, 'for-of': false, class: false },
    // Without what a setting makes unreachable: names in it that are nowhere else would be refused there.
    minifySyntax: true,
    define: { OWN_HOST: JSON.stringify(domainName ?? ''), HASHED_PATHS: JSON.stringify(hashedPaths) },
    logLevel: 'error',
  });
  // CloudFront knows no modules: it calls the function of this name.
  const code = (outputFiles[0]?.text ?? '').replace(/export\s*\{\s*handler\s*\};?\s*$/, '').trim();
  if (Buffer.byteLength(code) > MOST_BYTES || /\b(?:import|export)\b/.test(code)) {
    throw new Error(
      `CloudFront takes ${MOST_BYTES} bytes and no modules; viewer-request.ts became:\n${code}`,
    );
  }
  return code;
}
