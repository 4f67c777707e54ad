import { pipeline, Readable } from 'node:stream';
import { CsvError, type Info, parse } from 'csv-parse';
import type { ImportRow } from '../app/import-payments.ts';
import { CommandError } from './exit.ts';
import { MAX_ROW_BYTES } from './row-limits.ts';

const COLUMNS = [
  'payment_id',
  'amount',
  'currency',
  'payment_method',
  'capture_method',
  'description',
  'return_url',
];
const METADATA = /^metadata\../;
const NEEDED = ['payment_id', 'amount'];

/** What spreadsheets part columns with, by country. */
const DELIMITERS = [',', ';', '\t'];

/** What stands where bytes were no UTF-8. */
const NOT_UTF8 = '\ufffd';

interface CsvRecord {
  record: string[];
  info: Info;
}

/**
 * CSV (RFC 4180) with a header line. An empty field is an absent one.
 * @param head the beginning of it, with the header line
 * @throws CommandError if the header does not say what the columns are
 */
export async function* csvRows(source: AsyncIterable<Buffer>, head: Buffer): AsyncGenerator<ImportRow> {
  const parser = parse({
    delimiter: delimiterOf(head),
    info: true,
    trim: true,
    skip_empty_lines: true,
    relax_column_count: true,
    max_record_size: MAX_ROW_BYTES,
  });
  // A fault of either ends the other; it is met where the records are read.
  pipeline(Readable.from(source), parser, () => undefined);
  let header: string[] | null = null;
  try {
    for await (const { record, info } of parser as AsyncIterable<CsvRecord>) {
      if (header === null) header = columnsOf(record);
      else yield toRow(header, record, info);
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = typeof error.lines === 'number' ? error.lines : parser.info.lines;
    yield refuse(
      line,
      `${reason(error.code)} The rest of the input was not read: correct it and run it again.`,
    );
  }
}

function delimiterOf(head: Buffer): string {
  const line = head.toString('utf8').trimStart().split('\n', 1)[0] as string;
  const counts = DELIMITERS.map((delimiter) => line.split(delimiter).length);
  return DELIMITERS[counts.indexOf(Math.max(...counts))] as string;
}

function columnsOf(record: readonly string[]): string[] {
  const unknown = record.findIndex((name) => !COLUMNS.includes(name) && !METADATA.test(name));
  const expected = `Known are ${COLUMNS.join(', ')} and metadata.<name>.`;
  if (unknown !== -1) {
    throw new CommandError(
      'usage',
      `The header line names "${record[unknown]}" in column ${unknown + 1}. ${expected}`,
    );
  }
  const twice = record.find((name, at) => record.indexOf(name) !== at);
  if (twice !== undefined) throw new CommandError('usage', `The header line names "${twice}" twice.`);
  const missing = NEEDED.filter((name) => !record.includes(name));
  if (missing.length > 0) {
    throw new CommandError('usage', `The header line lacks ${missing.join(' and ')}. ${expected}`);
  }
  return [...record];
}

function toRow(header: readonly string[], record: readonly string[], info: Info): ImportRow {
  // Of a row that goes over more than one line, the first.
  const line = info.lines - record.reduce((count, value) => count + value.split('\n').length - 1, 0);
  if (record.length !== header.length) {
    return refuse(
      line,
      `has ${record.length} fields, and the header line ${header.length}. Is a quote missing?`,
    );
  }
  if (record.some((value) => value.includes(NOT_UTF8)))
    return refuse(line, 'is not UTF-8. Save the file as UTF-8.');
  const given = header
    .map((name, at) => [name, record[at] as string] as const)
    .filter(([, value]) => value !== '');
  return { line, fields: Object.fromEntries(given) };
}

function refuse(line: number, detail: string): ImportRow {
  return { line, refused: { code: 'invalid_row', detail } };
}

/** In words of ours: the parser's quote the line, which may hold what must not be echoed. */
function reason(code: string): string {
  if (code === 'CSV_MAX_RECORD_SIZE')
    return `A row is longer than ${MAX_ROW_BYTES} characters: a quote is not closed.`;
  if (code === 'CSV_QUOTE_NOT_CLOSED') return 'A quote is opened and not closed.';
  return 'A quote stands where none can: put fields that hold quotes in quotes, and double those inside.';
}
