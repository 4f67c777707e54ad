import { parseArgs } from 'node:util';
import { runHistory } from './run-history.ts';

const USAGE = `Tells the memory, SQLite and DynamoDB (model) stores, and their work queues, the same seeded histories, and holds
their answers against each other after each step (invariant 15).

  npm run sim:differential -- [--seeds 100] [--from 1] [--steps 300]

  --seeds N   how many histories, one for each seed from --from on (default 100)
  --from S    the first seed (default 1)
  --steps M   calls in each (default 300)
  --help

Exits with 1 if two stores differ, naming seed, step and both answers; with 2 if it was asked for something that it
does not know.
`;

const FORM = {
  seeds: { type: 'string', default: '100' },
  from: { type: 'string', default: '1' },
  steps: { type: 'string', default: '300' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

interface Counts {
  seeds: number;
  from: number;
  steps: number;
}

/** Null: only the usage was asked for. */
function counts(args: string[]): Counts | null {
  const { values } = parseArgs({ args, options: FORM });
  if (values.help) return null;
  const count = (name: 'seeds' | 'from' | 'steps') => {
    const given = values[name];
    if (/^\d+$/.test(given) && Number(given) >= 1 && Number.isSafeInteger(Number(given)))
      return Number(given);
    throw new TypeError(`--${name} was "${given}". Give a whole number from 1 on.`);
  };
  return { seeds: count('seeds'), from: count('from'), steps: count('steps') };
}

async function run({ seeds, from, steps }: Counts): Promise<number> {
  const last = from + seeds - 1;
  for (let seed = from; seed <= last; seed += 1) {
    try {
      await runHistory({ seed: BigInt(seed), steps });
    } catch (error) {
      process.stdout.write(`${error instanceof Error ? error.message : String(error)}\n`);
      return 1;
    }
  }
  process.stdout.write(`seeds ${from} to ${last}, ${steps} steps each: all stores gave the same answers\n`);
  return 0;
}

try {
  const given = counts(process.argv.slice(2));
  if (given === null) process.stdout.write(USAGE);
  else process.exitCode = await run(given);
} catch (error) {
  if (!(error instanceof TypeError)) throw error;
  process.stderr.write(`${error.message}\n\n${USAGE}`);
  process.exitCode = 2;
}
