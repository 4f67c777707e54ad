import { parseArgs } from 'node:util';

/**
 * The options of a benchmark, each a whole number above 0. Whoever asks for help gets it, and what cannot be
 * understood ends the process with 2, and the help.
 * @param defaults by name of the option
 */
export function readCounts<Name extends string>(
  usage: string,
  defaults: Readonly<Record<Name, number>>,
): Readonly<Record<Name, number>> {
  try {
    const counts = parseCounts(process.argv.slice(2), defaults);
    if (counts !== 'help') return counts;
    process.stdout.write(usage);
    process.exit(0);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n\n${usage}`);
    process.exit(2);
  }
}

/** @throws Error that says what was received and what to give */
export function parseCounts<Name extends string>(
  args: readonly string[],
  defaults: Readonly<Record<Name, number>>,
): Readonly<Record<Name, number>> | 'help' {
  const names = Object.keys(defaults) as Name[];
  const { values } = parseArgs({
    args: [...args],
    options: {
      ...Object.fromEntries(names.map((name) => [name, { type: 'string' as const }])),
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return 'help';
  const given = values as Readonly<Record<string, string | undefined>>;
  return Object.fromEntries(
    names.map((name) => [name, count(name, given[name] ?? String(defaults[name]))]),
  ) as Record<Name, number>;
}

function count(name: string, text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new Error(`--${name} is "${text}"; give a whole number from 1 to 999999999.`);
}
