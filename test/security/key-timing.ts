import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parseConfig } from '../../src/config.ts';
import { openFolder } from '../../src/wiring.ts';
import { startCapturedServer } from './captured-server.ts';
import { guessableKeys } from './guessable-keys.ts';
import { median, permutationTest, seededChance, shuffle } from './timing-statistics.ts';

const USAGE = `Whether the time of an answer tells what is wrong with an API key: the real server is asked with keys of each
kind in turn, in an order shuffled anew each round, over one connection.

  npm run key-timing -- [--rounds 2000] [--seed 1]

For each kind: the median, its ratio to that of an unknown key, and how often chance alone would part them as far
(permutation test). Exits with 1 if a kind is parted by more than 5 % and chance cannot be the reason (below 0.001).
A mistyped key is refused without a look-up, and may be faster: its checksum tells nothing that the guesser does not
know. Wants a machine that has nothing else to do; the interleaving evens out what comes and goes.
`;
const TOLERATED = 0.05;
const CHANCE = 0.001;
const PERMUTATIONS = 2_000;
/** Asked before anything counts: code is compiled, caches are filled. */
const WARM_UP_ROUNDS = 200;
const MOST_ROUNDS = 1_000_000;
const MAY_BE_FASTER = 'mistyped';

function readOptions(): { rounds: number; seed: number } {
  try {
    const { values } = parseArgs({
      options: {
        rounds: { type: 'string', default: '2000' },
        seed: { type: 'string', default: '1' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) {
      process.stdout.write(USAGE);
      process.exit(0);
    }
    return { rounds: whole('--rounds', values.rounds, 100), seed: whole('--seed', values.seed, 0) };
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${USAGE}`);
    process.exit(2);
  }
}

function whole(name: string, text: string, least: number): number {
  const value = /^\d{1,7}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= MOST_ROUNDS) return value;
  throw new Error(`${name} is "${text}": give a whole number from ${least} to ${MOST_ROUNDS}.`);
}

const { rounds, seed } = readOptions();
const parent = mkdtempSync(join(tmpdir(), 'tollgate-timing-'));
const folder = join(parent, 'data');
mkdirSync(folder, { mode: 0o700 });
// One connection, and quiet: what is timed is the refusal.
const server = await startCapturedServer(folder, { LOG_LEVEL: 'error' });
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
try {
  const ignore = () => undefined;
  const logger = { debug: ignore, info: ignore, warn: ignore, error: ignore };
  const tool = openFolder(parseConfig({ DATA_DIR: folder }), 'tool', logger);
  const keys = Object.entries(await guessableKeys(tool));
  await tool.database.close();
  report(await measure(keys));
} finally {
  agent.destroy();
  await server.stop();
  rmSync(parent, { recursive: true });
}

async function measure(keys: readonly (readonly [string, string])[]): Promise<Map<string, number[]>> {
  const chance = seededChance(seed);
  const times = new Map<string, number[]>(keys.map(([kind]) => [kind, []]));
  for (let round = -WARM_UP_ROUNDS; round < rounds; round += 1) {
    for (const [kind, key] of shuffle([...keys], chance)) {
      const startedAt = process.hrtime.bigint();
      const status = await ask(key);
      const micros = Number(process.hrtime.bigint() - startedAt) / 1_000;
      if (status !== 401) throw new Error(`A key of the kind "${kind}" was answered with ${status}.`);
      if (round >= 0) times.get(kind)?.push(micros);
    }
  }
  return times;
}

function ask(key: string): Promise<number> {
  const headers = { Authorization: `Bearer ${key}` };
  return new Promise((resolve, reject) => {
    const outgoing = request(new URL('/payments', server.url), { agent, headers }, (incoming) => {
      incoming.resume().on('end', () => resolve(incoming.statusCode as number));
    });
    outgoing.on('error', reject).end();
  });
}

function report(times: ReadonlyMap<string, number[]>): void {
  const unknown = times.get('unknown') as number[];
  const chance = seededChance(seed);
  const told: string[] = [];
  const line = (...cells: string[]) =>
    process.stdout.write(`${cells.map((cell) => cell.padEnd(20)).join('')}\n`);
  line('kind', 'median µs', 'ratio to unknown', 'chance alone');
  for (const [kind, sample] of times) {
    const ratio = median(sample) / median(unknown);
    const p = kind === 'unknown' ? 1 : permutationTest(sample, unknown, PERMUTATIONS, chance);
    line(kind, median(sample).toFixed(1), ratio.toFixed(3), p.toFixed(4));
    if (kind !== MAY_BE_FASTER && Math.abs(ratio - 1) > TOLERATED && p < CHANCE) told.push(kind);
  }
  process.stdout.write(
    told.length === 0
      ? `${rounds} answers of each kind: their times do not tell what is wrong with a key.\n`
      : `The times tell: ${told.join(', ')}. Run it again on a quiet machine before you believe it.\n`,
  );
  if (told.length > 0) process.exitCode = 1;
}
