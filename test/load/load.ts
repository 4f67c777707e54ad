import { type LoadArguments, parseLoadArguments, type Scenario, USAGE } from './arguments.ts';
import { type Outcome, render, type Verdict, verdictOf } from './goals.ts';
import { neighbour } from './neighbour.ts';
import { shed } from './shed.ts';
import { soak } from './soak.ts';

const SCENARIOS: Readonly<Record<Scenario, (given: LoadArguments) => Promise<Outcome>>> = {
  shed,
  neighbour,
  soak: (given) => soak({ ...given, print: (line) => void process.stdout.write(`${line}\n`) }),
};

const EXIT_CODES: Readonly<Record<Verdict, number>> = { met: 0, missed: 1, 'not valid': 3 };
const NOT_UNDERSTOOD = 2;

function understood(): LoadArguments | 'help' | null {
  try {
    return parseLoadArguments(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    return null;
  }
}

const given = understood();
if (given === null) process.exitCode = NOT_UNDERSTOOD;
else if (given === 'help') process.stdout.write(USAGE);
else {
  const verdicts: Verdict[] = [];
  for (const name of given.scenarios) {
    const startedAt = performance.now();
    const outcome = await SCENARIOS[name](given);
    const verdict = verdictOf(outcome);
    const seconds = Math.round((performance.now() - startedAt) / 1_000);
    process.stdout.write(`${render(outcome)}${name}: ${verdict}, in ${seconds} s\n\n`);
    verdicts.push(verdict);
  }
  const worst = (['missed', 'not valid'] as const).find((verdict) => verdicts.includes(verdict)) ?? 'met';
  process.exitCode = EXIT_CODES[worst];
}
