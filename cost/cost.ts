import { runCost } from './report/run-cost.ts';
import { createSources } from './report/sources.ts';

/** `npm run cost`: what a month costs on AWS, before the first deployment. */

// Whoever reads may go away (`… | head`): nothing is wrong then.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

process.exitCode = await runCost(
  process.argv.slice(2),
  { out: (text) => process.stdout.write(text), err: (text) => process.stderr.write(text) },
  createSources(),
);
