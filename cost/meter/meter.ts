import { writeFileSync } from 'node:fs';
import { MixError, readMix } from '../mix/mix.ts';
import { type MeterTask, parseMeterArguments, USAGE } from './arguments.ts';
import { differences } from './compare.ts';
import type { Metered } from './measure.ts';
import type { Measured } from './measured.ts';
import { MEASURED_FILE, NotMeteredError, readMeasured } from './read-measured.ts';
import { differenceTable, meteredTable } from './report.ts';

/** What a payment makes the functions take, counted: `npm run cost:meter`. */

const EXIT = { done: 0, changed: 1, notMetered: 2 } as const;

function taskOf(args: readonly string[]): MeterTask {
  try {
    return parseMeterArguments(args);
  } catch (error) {
    throw new NotMeteredError(`${(error as Error).message}\n\n${USAGE}`);
  }
}

/** To the error stream: what is printed may be somebody's input. */
function say(doing: string): void {
  process.stderr.write(`${doing} …\n`);
}

/** Loaded only now: looking for Java is nothing that --help should wait for. In CI a lack of it is an error by itself. */
async function assertJava(): Promise<void> {
  try {
    const { javaMissing } = await import('../../test/emulators/dynamodb-local.ts');
    if (javaMissing) throw new Error(javaMissing);
  } catch (cause) {
    throw new NotMeteredError(`Nothing was metered. ${(cause as Error).message}`, { cause });
  }
}

async function run(withProcessor: boolean): Promise<Metered> {
  const mix = readMix();
  await assertJava();
  const { startMeteredCloud } = await import('./cloud/metered-cloud.ts');
  const { prepare } = await import('./play/cast.ts');
  const { meter } = await import('./measure.ts');
  say('starting the emulators');
  const cloud = await startMeteredCloud();
  try {
    const cast = await prepare(cloud, mix);
    const metered = await meter({ cloud, cast, mix, withProcessor, say });
    cast.deps.sources.close();
    return metered;
  } finally {
    await cloud.stop();
  }
}

async function measureAll(): Promise<Measured> {
  const metered = await run(true);
  say('loading the bundles');
  const { coldStarts } = await import('./cold-starts.ts');
  return { ...metered, coldStartMs: coldStarts() };
}

/** To the error stream where the other one has the figures. */
function compare(counted: Metered, told: NodeJS.WritableStream): number {
  const found = differences(readMeasured(), counted);
  if (found.length === 0) {
    told.write('Every count is the one in cost/meter/measured.json.\n');
    return EXIT.done;
  }
  told.write(
    `${differenceTable(found)}\n\n${found.length} counts are not those in cost/meter/measured.json. ` +
      'If the change is wanted, write them: npm run cost:meter\n',
  );
  return EXIT.changed;
}

async function main(args: readonly string[]): Promise<number> {
  const startMs = performance.now();
  const task = taskOf(args);
  if (task === 'help') process.stdout.write(USAGE);
  if (task === 'check') return compare(await run(false), process.stdout);
  if (task !== 'help') {
    const measured = await measureAll();
    const text = `${JSON.stringify(measured, null, 2)}\n`;
    if (task !== 'write') process.stdout.write(text);
    if (task === 'check-and-print') return compare(measured, process.stderr);
    if (task === 'write') {
      writeFileSync(MEASURED_FILE, text);
      const seconds = Math.round((performance.now() - startMs) / 1_000);
      process.stdout.write(`${meteredTable(measured)}\n\nWrote cost/meter/measured.json in ${seconds} s.\n`);
    }
  }
  return EXIT.done;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof NotMeteredError || error instanceof MixError)) throw error;
  process.stderr.write(`${error.message.trimEnd()}\n`);
  process.exitCode = EXIT.notMetered;
}
