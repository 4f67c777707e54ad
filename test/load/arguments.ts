import { parseArgs } from 'node:util';

export const USAGE = `Sends the real server more than it can take, in open loop: requests come when they are due, answered or not, and
their time counts from that moment. Each figure stands beside its goal.

  npm run load -- [shed] [neighbour] [soak] [all] [options]

  shed         three times what the PSP lets through: refused with 503, and what is accepted does not suffer
  neighbour    a merchant sends three times its limit, and another must not notice
  soak         70 % of what the whole path can do, for a long time: nothing grows but what is stored

  --rounds N   of shed and neighbour; the figures are medians (default 5; on a busy machine up to twice as many)
  --seconds S  of each phase of a round, and of measuring what the server can do (default 6)
  --minutes M  of the soak (default 30)
  --seed N     of the moments at which requests are due (default 1)

The exit code is 0 if every goal is met, 1 if one is missed, 2 if this could not be understood, and 3 if the machine
was too busy for the figures to say anything (and nothing was lost or answered wrongly).
`;

const SCENARIOS = ['shed', 'neighbour', 'soak'] as const;
export type Scenario = (typeof SCENARIOS)[number];

export interface LoadArguments {
  scenarios: readonly Scenario[];
  rounds: number;
  seconds: number;
  minutes: number;
  seed: number;
}

/** @throws Error that says what was received and what to give */
export function parseLoadArguments(args: readonly string[]): LoadArguments | 'help' {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '6' },
      minutes: { type: 'string', default: '30' },
      seed: { type: 'string', default: '1' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return 'help';
  const unknown = positionals.find((name) => name !== 'all' && !isScenario(name));
  if (unknown !== undefined)
    throw new Error(`"${unknown}" is none of them; give ${SCENARIOS.join(', ')} or all.`);
  const all = positionals.length === 0 || positionals.includes('all');
  return {
    scenarios: SCENARIOS.filter((name) => all || positionals.includes(name)),
    rounds: whole('rounds', values.rounds, 1, 100),
    seconds: whole('seconds', values.seconds, 1, 600),
    minutes: whole('minutes', values.minutes, 1, 1_440),
    seed: whole('seed', values.seed, 0, Number.MAX_SAFE_INTEGER),
  };
}

function isScenario(name: string): name is Scenario {
  return (SCENARIOS as readonly string[]).includes(name);
}

function whole(name: string, text: string, least: number, most: number): number {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new Error(`--${name} is "${text}"; give a whole number from ${least} to ${most}.`);
}
