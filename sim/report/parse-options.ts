import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { RUNTIME_CHOICES, type RuntimeChoice } from './runtime-of.ts';

export const USAGE = `Runs whole lives of Tollgate on a simulated clock, network, PSP, queue and store, with every fault that a seed
draws, and checks the invariants of docs/simulation.md after each event. Prints what broke, or that nothing did.

  npm run sim -- [--seeds 2000] [--from 1] [--runtime mix] [--jobs J]
  npm run sim -- --minutes M [--from 1] [--runtime mix] [--jobs J]
  npm run sim -- --seed X [--runtime mix] [--trace]

  --seeds N      how many lives, one for each seed from --from on (default 2000)
  --from S       the first seed (default 1)
  --minutes M    instead of --seeds: until the time is over; says how many seeds that were
  --runtime R    memory, sqlite, aws, or mix: by the seed, mostly memory (default mix)
  --jobs J       worker processes (default: one for each core)
  --seed X       one life
  --trace        with --seed: every event, and the hash of all of them; the same on every run, to the byte
  --help

Exits with 1 if an invariant broke, or if a kind of fault never struck in 500 lives and more; with 2 if it was
asked for something that it does not know.
`;

export interface Options {
  from: bigint;
  /** Null: until the time is over. */
  seeds: number | null;
  minutes: number | null;
  runtime: RuntimeChoice;
  jobs: number;
  /** One life alone. */
  seed: bigint | null;
  trace: boolean;
}

const DEFAULT_SEEDS = 2_000;
const MAX_SEED = 2n ** 64n - 1n;

/** The options, `help`, or what is wrong with them: what was received, and what to do. */
export function parseOptions(args: readonly string[]): Options | 'help' | { problem: string } {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        seeds: { type: 'string' },
        from: { type: 'string' },
        minutes: { type: 'string' },
        runtime: { type: 'string', default: 'mix' },
        jobs: { type: 'string' },
        seed: { type: 'string' },
        trace: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) return 'help';
    const { seeds, minutes, seed, trace, from } = values;
    if (seeds !== undefined && minutes !== undefined)
      fail('Both --seeds and --minutes were given. Give one of them.');
    if (seed !== undefined && (seeds ?? minutes ?? from) !== undefined)
      fail('--seed names one life. Leave out --seeds, --from and --minutes, or use --from X --seeds N.');
    if (trace && seed === undefined) fail('--trace prints one life. Name it with --seed X.');
    return {
      from: seedOf('--from', from ?? '1'),
      seeds: minutes === undefined ? countOf('--seeds', seeds ?? String(DEFAULT_SEEDS)) : null,
      minutes: minutes === undefined ? null : positive('--minutes', minutes),
      runtime: choiceOf(values.runtime),
      jobs: values.jobs === undefined ? availableParallelism() : countOf('--jobs', values.jobs),
      seed: seed === undefined ? null : seedOf('--seed', seed),
      trace,
    };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

function fail(problem: string): never {
  throw new Error(problem);
}

function seedOf(name: string, text: string): bigint {
  if (/^\d+$/.test(text) && BigInt(text) <= MAX_SEED) return BigInt(text);
  return fail(`${name} was "${text}". Give a whole number from 0 to ${MAX_SEED}.`);
}

function countOf(name: string, text: string): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && count >= 1 && Number.isSafeInteger(count)) return count;
  return fail(`${name} was "${text}". Give a whole number from 1 on.`);
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (/^\d+(?:\.\d+)?$/.test(text) && value > 0 && Number.isFinite(value)) return value;
  return fail(`${name} was "${text}". Give a number above 0, such as 60 or 0.5.`);
}

function choiceOf(text: string): RuntimeChoice {
  const found = RUNTIME_CHOICES.find((choice) => choice === text);
  return found ?? fail(`--runtime was "${text}". Give one of ${RUNTIME_CHOICES.join(', ')}.`);
}
