import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { runChecked } from '../run-checked.ts';
import { hunt } from './hunt.ts';
import type { Hunted } from './hunt-worker.ts';
import { MUTANTS } from './mutants.ts';

const USAGE = `Plants faults in the core, one at a time and without touching a file, and lives seeds from 1 on until an
invariant breaks. Every one must be found, or the simulation would not find it in real code either.

  npm run sim:mutants -- [--only NAME] [--seeds 2000] [--jobs J] [--json | --markdown]

  --only NAME    this mutant alone
  --seeds N      lives for each at the most (default 2000)
  --jobs J       worker processes (default: one for each core)
  --json         the result as JSON
  --markdown     the result as the table of docs/simulation.md
  --list         the mutants, and what each one does
  --help

Exits with 1 if one was not found, with 2 if it was asked for something that it does not know.
`;

process.exitCode = await main(process.argv.slice(2));

async function main(args: string[]): Promise<number> {
  const options = parse(args);
  if (typeof options === 'string') {
    process.stderr.write(`${options}\n\n${USAGE}`);
    return 2;
  }
  const { values, seeds, jobs, mutants } = options;
  if (values.help) return say(USAGE, 0);
  if (values.list)
    return say(`${MUTANTS.map(({ name, why }) => `${name.padEnd(34)} ${why}`).join('\n')}\n`, 0);
  const isQuiet = values.json || values.markdown;
  const results = await hunt(mutants, seeds, jobs, (hunted) => isQuiet || process.stdout.write(line(hunted)));
  const missed = results.filter(({ failure }) => failure === null);
  const unsound = await withoutFault(results);
  if (unsound.length > 0) {
    process.stderr.write(
      `Not the fault was found, as the life breaks without it too: ${unsound.join(', ')}\n`,
    );
    return 1;
  }
  if (values.json) say(`${JSON.stringify(results, null, 2)}\n`, 0);
  else if (values.markdown) say(table(results), 0);
  else say(`${results.length - missed.length} of ${results.length} mutants found\n`, 0);
  return missed.length === 0 ? 0 : 1;
}

/** Mutants whose life breaks in the core as it is: then finding them proves nothing. */
async function withoutFault(results: readonly Hunted[]): Promise<string[]> {
  const unsound: string[] = [];
  for (const { name, seeds, failure } of results) {
    if (failure === null) continue;
    const runtime = MUTANTS.find((mutant) => mutant.name === name)?.runtime ?? 'memory';
    const life = await runChecked(BigInt(seeds), runtime);
    if (life.failure) unsound.push(`${name} (seed ${seeds})`);
  }
  return unsound;
}

/** What was asked for, or what is wrong with it. */
function parse(args: string[]) {
  try {
    const { values } = parseArgs({
      args,
      options: {
        only: { type: 'string' },
        seeds: { type: 'string', default: '2000' },
        jobs: { type: 'string', default: String(availableParallelism()) },
        json: { type: 'boolean', default: false },
        markdown: { type: 'boolean', default: false },
        list: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    const seeds = Number(values.seeds);
    const jobs = Number(values.jobs);
    if (!Number.isSafeInteger(seeds) || seeds < 1)
      return `--seeds was "${values.seeds}". Give a whole number from 1 on.`;
    if (!Number.isSafeInteger(jobs) || jobs < 1)
      return `--jobs was "${values.jobs}". Give a whole number from 1 on.`;
    const mutants = MUTANTS.filter(({ name }) => values.only === undefined || name === values.only);
    if (mutants.length === 0) return `There is no mutant "${values.only}". --list shows all of them.`;
    return { values, seeds, jobs, mutants };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function say(text: string, code: number): number {
  process.stdout.write(text);
  return code;
}

function found({ failure }: Hunted): string {
  if (failure === null) return 'NOT FOUND';
  // A life that never comes to rest breaks what invariant 12 says of its end.
  return failure.invariant === 'stuck' ? 'no rest (12)' : `invariant ${failure.invariant}`;
}

function line(hunted: Hunted): string {
  const { name, seeds, failure } = hunted;
  return `${name.padEnd(34)} ${found(hunted).padEnd(13)} ${String(seeds).padStart(5)} seeds  ${failure?.message ?? ''}\n`;
}

function table(results: readonly Hunted[]): string {
  const why = (name: string) => MUTANTS.find((mutant) => mutant.name === name)?.why ?? '';
  const rows = results.map(
    (hunted) => `| \`${hunted.name}\` | ${why(hunted.name)} | ${found(hunted)} | ${hunted.seeds} |`,
  );
  return `${['| mutant | what goes wrong | found by | seeds |', '|---|---|---|---:|', ...rows].join('\n')}\n`;
}
