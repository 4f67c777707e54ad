import { CommanderError } from 'commander';
import { gather, type Sources } from './gather.ts';
import { jsonReport } from './json-report.ts';
import { type CostOptions, parseOptions } from './options.ts';
import { printReport } from './print-report.ts';
import { createReport, type Report } from './report.ts';
import { UnusableError } from './unusable-error.ts';

export interface CostIo {
  out(text: string): void;
  err(text: string): void;
}

const EXIT = { done: 0, unknown: 1, usage: 2 } as const;

/**
 * `npm run cost`.
 * @returns the exit code
 */
export async function runCost(argv: readonly string[], io: CostIo, sources: Sources): Promise<number> {
  const options = parsed(argv, io);
  if (typeof options === 'number') return options;
  let report: Report;
  try {
    report = createReport(await gather(options, sources), options.volumes);
  } catch (error) {
    if (!(error instanceof UnusableError)) throw error;
    io.err(`${error.message}\n`);
    return EXIT.usage;
  }
  io.out(
    `${options.json ? JSON.stringify(jsonReport(report, options), null, 2) : printReport(report, options)}\n`,
  );
  return report.unknown.length === 0 ? EXIT.done : EXIT.unknown;
}

function parsed(argv: readonly string[], io: CostIo): CostOptions | number {
  try {
    return parseOptions(argv, { writeOut: io.out, writeErr: io.err });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  }
}
