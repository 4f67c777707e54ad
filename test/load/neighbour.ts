import { compareBooks } from './compare-books.ts';
import { GENERATOR_START_MS, type Generator, generate, startGenerator } from './generate.ts';
import { enough, type Outcome } from './goals.ts';
import { startLoadServer } from './load-server.ts';
import { isValidPair, neighbourRows, pairs } from './neighbour-result.ts';
import type { RoundsOptions } from './shed.ts';
import { type PhaseResult, type Plan, refusedAs, TRIED_FOR_EACH } from './traffic.ts';

/** The one who keeps within its limit, and the one who does not. */
const QUIET = 'anchor-books';
const LOUD = 'birch-coffee';
const QUIET_RATE = 100;
const OVER_LIMIT = 3;
/**
 * Both together, of the requests that the process can read and refuse. Half is what must be borne at most; but what is
 * let through costs several times as much as what is refused, and the figures shall tell of the limiter, not of a
 * processor without a rest.
 */
const SHARE_OF_PARSING = 0.2;
/** While that is measured: nearly everything is refused. */
const PARSING_LIMIT = 10;
const PARSING_CONNECTIONS = 64;
const PARSING_EDGE_SECONDS = 10;
/** Half a second's worth at once, for whoever has rested. */
const BURST_SECONDS = 0.5;
const DRAIN_LIMIT_MS = 60_000;

/** A merchant that sends three times what it may, and another that must not notice. */
export async function neighbour({ rounds, seconds, seed }: RoundsOptions): Promise<Outcome> {
  const title = 'NEIGHBOUR';
  const findings: string[] = [];
  const found = (finding: string) => void findings.push(finding);
  const parsing = await measureParsing(seconds, seed, found);
  const limit = Math.floor((parsing * SHARE_OF_PARSING - QUIET_RATE) / OVER_LIMIT);
  if (limit <= QUIET_RATE) {
    const needed = (QUIET_RATE * (OVER_LIMIT + 1)) / SHARE_OF_PARSING;
    return { title, rows: [enough('requests read and refused per second', parsing, needed)], findings };
  }
  const burst = Math.ceil(limit * BURST_SECONDS);
  const server = await startLoadServer(
    { RATE_LIMIT_PER_SECOND: String(limit), RATE_LIMIT_BURST: String(burst) },
    [QUIET, LOUD],
  );

  const startAtMs = Date.now() + GENERATOR_START_MS;
  const turns = [
    'warm-up',
    'warm-up',
    ...Array<string[]>(rounds * TRIED_FOR_EACH)
      .fill(['alone', 'beside'])
      .flat(),
  ];
  const planOf = (merchant: string, rateOf: (turn: number) => number): Plan => ({
    url: server.url,
    key: server.keyOf(merchant),
    prefix: `${merchant}-`,
    seed: merchant === QUIET ? seed : seed + 1,
    startAtMs,
    phases: turns.map((name, turn) => ({ name, seconds, waitEvery: 0, ratePerSecond: rateOf(turn) })),
  });
  const seen = { quiet: [] as PhaseResult[], loud: [] as PhaseResult[] };
  const generators: Generator[] = [];
  const note = (of: PhaseResult[]) => (phase: PhaseResult) => {
    of.push(phase);
    const valid = pairs(seen.quiet, seen.loud).filter(isValidPair);
    if (valid.length >= rounds) for (const generator of generators) generator.stop();
  };
  const loudRate = (turn: number) => (turn % 2 === 1 ? limit * OVER_LIMIT : 0);
  generators.push(
    startGenerator(
      planOf(QUIET, () => QUIET_RATE),
      note(seen.quiet),
    ),
  );
  generators.push(startGenerator(planOf(LOUD, loudRate), note(seen.loud)));
  const [quiet, loud] = await Promise.all(generators.map(({ finished }) => finished));
  if (!quiet || !loud) throw new Error('There are two generators.');
  await server.drained(DRAIN_LIMIT_MS);
  for (const problem of await server.stop()) found(problem);

  const traffic = [
    { merchant: QUIET, sent: quiet.sent },
    { merchant: LOUD, sent: loud.sent },
  ];
  const totals = await compareBooks(server.folder, traffic, found);
  if (findings.length === 0) server.remove();
  const share = (QUIET_RATE + limit * OVER_LIMIT) / parsing;
  const rows = neighbourRows({
    wanted: rounds,
    parsing,
    share,
    limit,
    burst,
    quiet: quiet.phases,
    loud: loud.phases,
    totals,
  });
  return { title, rows, findings };
}

/** Requests per second that are read, known and refused when nobody waits between them. */
async function measureParsing(
  seconds: number,
  seed: number,
  found: (finding: string) => void,
): Promise<number> {
  const limit = String(PARSING_LIMIT);
  const server = await startLoadServer({ RATE_LIMIT_PER_SECOND: limit, RATE_LIMIT_BURST: limit }, [LOUD]);
  const phase = { seconds, waitEvery: 0, connections: PARSING_CONNECTIONS };
  const { phases } = await generate({
    url: server.url,
    key: server.keyOf(LOUD),
    seed,
    prefix: 'parsed-',
    startAtMs: Date.now() + GENERATOR_START_MS,
    phases: [
      { ...phase, name: 'warm-up' },
      { ...phase, name: 'parsing' },
    ],
  });
  for (const problem of await server.stop()) found(problem);
  server.remove();
  const accepted = phases.reduce((total, { accepted: count }) => total + count, 0);
  // Its burst, two phases, and the seconds that the edges of them may add on a busy machine.
  const allowed = PARSING_LIMIT * (1 + 2 * seconds + PARSING_EDGE_SECONDS);
  if (accepted > allowed) found(`A limit of ${limit}/s let ${accepted} requests through in ${2 * seconds} s`);
  return refusedAs('429 rate_limited', phases[1] as PhaseResult) / seconds;
}
