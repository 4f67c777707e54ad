import { fstatSync } from 'node:fs';
import { runCli } from '../cli/run-cli.ts';

/** Only a file tells how much is to come. */
function sizeOfStdin(): number | undefined {
  try {
    const found = fstatSync(0);
    return found.isFile() ? found.size : undefined;
  } catch (error) {
    // A process may have been started without standard input.
    if ((error as NodeJS.ErrnoException).code === 'EBADF') return undefined;
    throw error;
  }
}

const { stdout, stderr, env } = process;
// The exit code is set and nothing cut short: what was written leaves, and a server stays.
process.exitCode = await runCli(process.argv.slice(2), {
  stdout,
  stderr,
  env,
  // Touched only by a command that reads it: opening a pipe already takes from it.
  get stdin() {
    return process.stdin;
  },
  stdinBytes: sizeOfStdin(),
});
