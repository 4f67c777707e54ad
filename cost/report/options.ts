import { Command, InvalidArgumentError, Option, type OutputConfiguration } from 'commander';
import { collectPair } from '../../src/cli/arguments.ts';

export const PROFILES = ['dev', 'prod'] as const;
export type Profile = (typeof PROFILES)[number];

export interface CostOptions {
  readonly json: boolean;
  readonly lines: boolean;
  /** Payments in a month. */
  readonly volumes: readonly number[];
  readonly region: string;
  readonly profiles: readonly Profile[];
  /** As given by `-c key=value`. */
  readonly context: Readonly<Record<string, string>>;
}

const DEFAULT_VOLUMES = [100_000, 10_000_000, 1_000_000_000];
const MOST_PAYMENTS = 100_000_000_000;
/** What has an option of its own here, so that it cannot be said twice. */
const OWN: Readonly<Record<string, string>> = { profile: '--profile', region: '--region' };

const MORE = `
What is counted on the running code is in cost/meter/measured.json (npm run cost:meter), what stands in the template
is read in a synthesis, and prices are list prices less what an account has for nothing each month. AWS is not asked.

Exit codes:
  0  done
  1  the template has resources whose price nobody has said: the total is not the whole
  2  the options, the settings or the region cannot be used

Examples:
  npm run cost -- --volume 2000000 --profile prod
  npm run cost -- --volume 2000000 --profile prod -c nat=instance -c workers=lambda --lines`;

interface Raw {
  json?: true;
  lines?: true;
  volume?: number[];
  region: string;
  profile?: Profile;
  context?: Record<string, string>;
}

/**
 * @param argv the arguments alone, without the names of the program
 * @throws CommanderError for help, and for what cannot be understood; the text is written by then
 */
export function parseOptions(argv: readonly string[], output: OutputConfiguration): CostOptions {
  const command = new Command('cost')
    .usage('[options]')
    .description(
      'What a month costs on AWS, part by part, beside the reference design and what was before it.',
    )
    .option('--volume <payments>', 'payments in a month; may be given more than once', collectVolume)
    .addOption(new Option('--profile <profile>', 'only this one').choices(PROFILES))
    .option('--region <region>', 'whose prices', 'us-east-1')
    .option('-c, --context <key=value>', 'a setting, as for cdk; may be given more than once', collectSetting)
    .option('--lines', 'the whole bill, line by line')
    .option('--json', 'one JSON document')
    .addHelpText('after', MORE)
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput(output)
    .showHelpAfterError('(more with --help)')
    .parse(argv, { from: 'user' });
  const { json, lines, volume, region, profile, context } = command.opts<Raw>();
  return {
    json: json === true,
    lines: lines === true,
    volumes: volume ?? DEFAULT_VOLUMES,
    region,
    profiles: profile ? [profile] : PROFILES,
    context: context ?? {},
  };
}

function collectVolume(text: string, before: readonly number[] = []): readonly number[] {
  const payments = /^\d{1,12}$/.test(text) ? Number(text) : Number.NaN;
  if (!(payments >= 1 && payments <= MOST_PAYMENTS)) {
    throw new InvalidArgumentError(
      `Give a whole number of payments a month, in digits, from 1 to ${MOST_PAYMENTS}.`,
    );
  }
  return before.includes(payments) ? before : [...before, payments].toSorted((a, b) => a - b);
}

function collectSetting(text: string, before: Record<string, string> = {}): Record<string, string> {
  const after = collectPair(text, before);
  for (const [key, option] of Object.entries(OWN)) {
    if (key in after) throw new InvalidArgumentError(`Say it with ${option}.`);
  }
  return after;
}
