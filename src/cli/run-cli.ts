import { CommanderError } from 'commander';
import { containsCardNumber } from '../domain/card-number.ts';
import { redact } from '../domain/forbidden-text.ts';
import { createCli } from './cli.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { type Io, report } from './io.ts';
import { createProgram } from './program.ts';

/**
 * Runs one command line.
 * @param argv the arguments alone, without the names of the program
 * @returns the exit code; `serve` returns when the server is ready, which then keeps the process alive
 */
export async function runCli(argv: readonly string[], io: Io): Promise<ExitCode> {
  if (argv.some(containsCardNumber)) {
    report(
      io,
      false,
      'An argument looks like a card number. Card numbers never enter Tollgate: use the token of a PSP.',
    );
    return EXIT.usage;
  }
  const cli = createCli(io);
  // Whoever reads us may go away at any time: the write that meets it ends the command, this keeps it from being a crash.
  const ignore = () => undefined;
  io.stdout.on('error', ignore);
  io.stderr.on('error', ignore);
  const program = createProgram(cli, {
    writeOut: (text) => io.stdout.write(text),
    writeErr: (text) => io.stderr.write(redact(text)),
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  }
  return cli.exitCode;
}
