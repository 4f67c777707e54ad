import { createReadStream, statSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { createImportPayments, type ImportCounts, type RowProblem } from '../app/import-payments.ts';
import { useCases } from '../app/use-cases.ts';
import { redact } from '../domain/forbidden-text.ts';
import { partitionOf } from './arguments.ts';
import type { Cli } from './cli.ts';
import { CommandError, EXIT, type ExitCode } from './exit.ts';
import { print, printJson } from './io.ts';
import { withParts } from './open-parts.ts';
import { OPERATOR, tellIfNobodyServes } from './operator.ts';
import { createPace } from './pace.ts';
import { parseRow } from './parse-row.ts';
import type { CreateOptions } from './payments-create.ts';
import { startProgress } from './progress.ts';
import { readRows } from './read-rows.ts';
import { withSimulator } from './simulator.ts';

/** Rows whose fault is told one by one: the rest would only repeat the lesson. */
const MAX_TOLD = 20;

interface Source {
  stream: Readable;
  bytes: number | undefined;
}

function openSource({ io }: Cli, from: string | undefined): Source {
  if (from === undefined || from === '-') return { stream: io.stdin, bytes: io.stdinBytes };
  const found = statSync(from, { throwIfNoEntry: false });
  if (!found) throw new CommandError('usage', `There is no file ${from}.`);
  if (found.isDirectory())
    throw new CommandError('usage', `${from} is a folder. Give a file, or - for standard input.`);
  return { stream: createReadStream(from), bytes: found.isFile() ? found.size : undefined };
}

/** Accepts a payment for each row of `--from` or standard input. */
export async function importPayments(cli: Cli, options: CreateOptions): Promise<ExitCode> {
  const source = openSource(cli, options.from);
  try {
    return await importFrom(source, cli, options);
  } finally {
    // Input that is not read to its end would keep the process waiting for more.
    source.stream.destroy();
  }
}

async function importFrom(source: Source, cli: Cli, options: CreateOptions): Promise<ExitCode> {
  const { io } = cli;
  let readBytes = 0;
  async function* counted(): AsyncGenerator<Buffer> {
    for await (const chunk of source.stream) {
      const bytes = Buffer.from(chunk);
      readBytes += bytes.length;
      yield bytes;
    }
  }
  const rows = await readRows(counted(), options.format);
  if (rows === null && options.from === undefined) {
    throw new CommandError(
      'usage',
      'Standard input is empty. Give --amount for one payment, or rows: --from payments.csv',
    );
  }
  const partition = partitionOf(options);
  return withParts(io, options, 'create', (parts) =>
    withSimulator(parts, async (simulator) => {
      if (!simulator.accepts(partition.livemode)) {
        throw new CommandError(
          'no',
          'No connector here takes live payments (the simulator never does). Use --mode test.',
        );
      }
      const { accept } = useCases(parts.config, parts, [simulator]);
      const progress = startProgress(io, parts.clock, source.bytes);
      const tell = teller(options.json === true, progress.say);
      try {
        const counts = await createImportPayments({ accept, room: createPace(parts), parse: parseRow })(
          rows ?? none(),
          {
            partition,
            actor: OPERATOR,
            onRefused: tell.refused,
            onProgress: (now) => progress.update(readBytes, now),
          },
        );
        progress.stop();
        tell.rest();
        await printSummary(cli, options, counts);
        if (counts.accepted > 0) tellIfNobodyServes(io, options, parts.folder, 'What was accepted');
        return counts.refused > 0 ? EXIT.no : EXIT.done;
      } finally {
        progress.stop();
      }
    }),
  );
}

async function* none(): AsyncGenerator<never> {}

function teller(json: boolean, say: (line: string) => void) {
  let told = 0;
  return {
    refused(line: number, { code, detail, payment_id }: RowProblem): void {
      told += 1;
      if (told > MAX_TOLD) return;
      const who = payment_id === undefined ? '' : ` (${payment_id})`;
      const text = json
        ? JSON.stringify({ line, ...(payment_id === undefined ? {} : { payment_id }), code, detail })
        : `line ${line}${who}: ${detail}`;
      say(redact(text));
    },
    rest(): void {
      const more = told - MAX_TOLD;
      if (more > 0) say(json ? JSON.stringify({ more_refused: more }) : `and ${more} more refused`);
    },
  };
}

async function printSummary(
  cli: Cli,
  { json, merchant, mode }: CreateOptions,
  counts: ImportCounts,
): Promise<void> {
  const { rows, accepted, replayed, refused } = counts;
  if (json) {
    await printJson(cli.io, {
      merchant_id: merchant,
      livemode: mode === 'live',
      rows,
      accepted,
      already_there: replayed,
      refused,
    });
    return;
  }
  const count = (value: number) => value.toLocaleString('en');
  await print(
    cli.io,
    `${count(rows)} rows: ${count(accepted)} accepted, ${count(replayed)} already there, ${count(refused)} refused.`,
  );
}
