import { isUtf8 } from 'node:buffer';
import type { ImportRow, RowProblemCode } from '../app/import-payments.ts';
import { containsCardNumber } from '../domain/card-number.ts';
import { CARD_NUMBER } from './parse-row.ts';
import { MAX_ROW_BYTES } from './row-limits.ts';

const NEWLINE = 0x0a;

/** One JSON object a line; empty lines are passed over. */
export async function* ndjsonRows(source: AsyncIterable<Buffer>): AsyncGenerator<ImportRow> {
  for await (const { line, bytes } of lines(source)) {
    if (bytes === null)
      yield refuse(line, `is longer than ${MAX_ROW_BYTES} bytes. Is there a line end missing?`);
    else if (bytes.toString('latin1').trim() !== '') yield parse(line, bytes);
  }
}

function parse(line: number, bytes: Buffer): ImportRow {
  if (!isUtf8(bytes)) return refuse(line, 'is not UTF-8. Save the file as UTF-8.');
  const text = bytes.toString('utf8');
  // In the text too: a number above 2^53 loses digits in parsing.
  if (containsCardNumber(text)) return refuse(line, CARD_NUMBER, 'card_number_detected');
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return { line, fields: { ...value } };
    return refuse(line, 'is not a JSON object. Give one object a line.');
  } catch (error) {
    // The parser's own message quotes the line, which may hold what must not be echoed.
    if (error instanceof SyntaxError) return refuse(line, 'is not JSON. Give one object a line.');
    throw error;
  }
}

function refuse(line: number, detail: string, code: RowProblemCode = 'invalid_row'): ImportRow {
  return { line, refused: { code, detail } };
}

interface Line {
  line: number;
  /** Null if it is too long to be a row. */
  bytes: Buffer | null;
}

async function* lines(source: AsyncIterable<Buffer>): AsyncGenerator<Line> {
  let rest: Buffer[] = [];
  let length = 0;
  let line = 1;
  const take = (part: Buffer) => {
    length += part.length;
    // What is too long is counted, and not kept.
    rest = length > MAX_ROW_BYTES ? [] : [...rest, part];
  };
  const finish = (): Line => {
    const finished = { line, bytes: length > MAX_ROW_BYTES ? null : Buffer.concat(rest) };
    rest = [];
    length = 0;
    line += 1;
    return finished;
  };
  for await (const chunk of source) {
    let at = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, at)) {
      take(chunk.subarray(at, end));
      yield finish();
      at = end + 1;
    }
    if (at < chunk.length) take(chunk.subarray(at));
  }
  if (length > 0) yield finish();
}
