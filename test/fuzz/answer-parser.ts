import type { IncomingHttpHeaders } from 'node:http';
import type { Answer } from '../http/answer-rules.ts';

/** Takes what comes over a connection apart into answers; what is no answer is a fault, told in words. */
export interface AnswerParser {
  /** @param methodOf of the request whose answer comes next: HEAD has none of a body */
  take(bytes: Buffer, methodOf: (place: number) => string | undefined): Answer[];
  /** Whether the connection may end here: between answers. */
  isBetween(): boolean;
}

/** What came is not HTTP, or not framed as it says. */
export class FramingError extends Error {
  override readonly name = 'FramingError';
}

const STATUS_LINE = /^HTTP\/1\.1 ([1-5]\d\d) [ -~]*$/;
const HEADER = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+): ([\t -~\x80-\xff]*)$/;
/** May come more than once. */
const LISTS = new Set(['set-cookie', 'vary', 'link']);
const HEAD_END = Buffer.from('\r\n\r\n');

interface Head {
  status: number;
  headers: IncomingHttpHeaders;
  bodyFrom: number;
}

export function createAnswerParser(): AnswerParser {
  let rest: Buffer = Buffer.alloc(0);
  let place = 0;

  /** The next answer that is there whole; null if more must come. */
  function next(methodOf: (place: number) => string | undefined): Answer | null {
    const head = readHead(rest);
    if (!head) return null;
    const { status, headers, bodyFrom } = head;
    if (status < 200) {
      rest = rest.subarray(bodyFrom);
      return next(methodOf);
    }
    const method = methodOf(place);
    if (method === undefined) throw new FramingError(`An answer that nobody asked for: ${shown(rest)}`);
    const body = method === 'HEAD' || status === 204 || status === 304 ? EMPTY : readBody(rest, head);
    if (!body) return null;
    rest = rest.subarray(bodyFrom + body.length);
    place++;
    const text = body.bytes.toString('utf8');
    return { status, headers, text, json: parsed(text, headers) };
  }

  return {
    take(bytes, methodOf) {
      rest = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
      const answers: Answer[] = [];
      while (rest.length > 0) {
        const answer = next(methodOf);
        if (!answer) break;
        answers.push(answer);
      }
      return answers;
    },
    isBetween: () => rest.length === 0,
  };
}

const EMPTY = { bytes: Buffer.alloc(0), length: 0 };

function readHead(bytes: Buffer): Head | null {
  const end = bytes.indexOf(HEAD_END);
  if (end === -1) return null;
  const [first = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n');
  const [, status] = STATUS_LINE.exec(first) ?? [];
  if (status === undefined) throw new FramingError(`No status line: ${shown(bytes)}`);
  const headers: IncomingHttpHeaders = {};
  for (const line of lines) {
    const [, name, value] = HEADER.exec(line) ?? [];
    if (name === undefined || value === undefined)
      throw new FramingError(`No header: ${JSON.stringify(line)}`);
    const key = name.toLowerCase();
    if (key in headers && !LISTS.has(key)) throw new FramingError(`The header ${name} comes twice`);
    headers[key] = value;
  }
  return { status: Number(status), headers, bodyFrom: end + HEAD_END.length };
}

function readBody(bytes: Buffer, { headers, bodyFrom }: Head): { bytes: Buffer; length: number } | null {
  if (headers['transfer-encoding'] === 'chunked') return readChunks(bytes, bodyFrom);
  const length = headers['content-length'];
  if (length === undefined || !/^\d+$/.test(length)) throw new FramingError(`The length is ${length}`);
  if (bytes.length < bodyFrom + Number(length)) return null;
  return { bytes: bytes.subarray(bodyFrom, bodyFrom + Number(length)), length: Number(length) };
}

function readChunks(bytes: Buffer, from: number): { bytes: Buffer; length: number } | null {
  const pieces: Buffer[] = [];
  for (let at = from; ; ) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd === -1) return null;
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16);
    if (!(size >= 0)) throw new FramingError(`A chunk of size ${bytes.toString('latin1', at, lineEnd)}`);
    const end = lineEnd + 2 + size;
    if (bytes.length < end + 2) return null;
    pieces.push(bytes.subarray(lineEnd + 2, end));
    at = end + 2;
    if (size === 0) return { bytes: Buffer.concat(pieces), length: at - from };
  }
}

function parsed(text: string, headers: IncomingHttpHeaders): Record<string, unknown> {
  if (!/json/.test(String(headers['content-type'])) || text === '') return {};
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    throw new FramingError(`It says that it is JSON: ${text.slice(0, 200)}`);
  }
}

function shown(bytes: Buffer): string {
  return JSON.stringify(bytes.toString('latin1', 0, 200));
}
