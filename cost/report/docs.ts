import { resolve } from 'node:path';
import { runDocs } from './page/run-docs.ts';
import { createSources } from './sources.ts';

/** `npm run cost:docs`: writes docs/cost.md and its charts; with --check only says whether they are what the sources give. */
process.exitCode = await runDocs(
  process.argv.slice(2),
  { out: (text) => process.stdout.write(text), err: (text) => process.stderr.write(text) },
  createSources(),
  resolve(import.meta.dirname, '../..'),
);
