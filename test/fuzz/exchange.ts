import type { Answer } from '../http/answer-rules.ts';

/** Values are written as Latin-1, a byte each. */
export type Header = readonly [name: string, value: string];

export type Merchant = 'a' | 'b';

/** A request whose framing is right, whatever else is wrong with it. */
export interface Request {
  method: string;
  /** As it stands in the first line. */
  target: string;
  headers: readonly Header[];
  /** Null: none, and no header speaks of one. */
  body: Buffer | null;
  /** Sizes of the chunks in which the body goes, again and again; with a length if absent. */
  chunks?: readonly number[];
  /** The head and the signature of a call-back, made when it is sent, as they hold the time. */
  signed?: { eventId: string; ageSeconds: number };
  /** Whose key it carries, if anything of theirs may be in the answer. */
  merchant: Merchant | null;
}

/** What a number stands for: something to send, and what must come back. */
export interface Exchange {
  kind: string;
  /** Numbers of those that must have been answered before. */
  needs: readonly number[];
  act: Ask | Script;
}

/** Requests over a kept connection, all at once; as many answers, in their order. */
export interface Ask {
  requests: readonly Request[];
  /** What is wrong with the answers, if anything. */
  judge(answers: readonly Answer[], known: Known): readonly string[];
  /** More, made of the answers: a next page. Null: nothing more. */
  next?(answers: readonly Answer[]): Ask | null;
}

/** Bytes over a connection of their own. */
export interface Script {
  steps: readonly Step[];
  /** Methods of the requests that may be answered: no more answers than these. */
  methods: readonly string[];
  /** How it may end, beside a connection that is closed within the limit. */
  judge(answers: readonly Answer[]): readonly string[];
  /** The requests are whole, so that the document says what each is answered with. */
  paths?: readonly string[];
  limitMs: number;
  /** Its side is not closed when the server closes its own. */
  stays?: boolean;
  /** It takes long, so it begins first. */
  slow?: boolean;
}

export type Step =
  | { send: Buffer }
  /** Byte by byte. */
  | { trickle: Buffer; pauseMs: number }
  | { pauseMs: number }
  /** Nothing is read meanwhile. */
  | { deafMs: number }
  | { end: 'half' | 'destroy' };

/** What became of earlier numbers, as far as later ones build on it. */
export interface Known {
  outcomeOf(number: number): Outcome | undefined;
}

/** Kept of each answer that others build on. */
export interface Outcome {
  status: number;
  /** Of the payment or the refund. */
  id: string;
}

export function isScript(act: Ask | Script): act is Script {
  return 'steps' in act;
}

const CRLF = '\r\n';

/** The bytes of a request, as they go over the wire. */
export function bytesOf({ method, target, headers, body, chunks }: Request): Buffer {
  const lines = [`${method} ${target} HTTP/1.1`, ...headers.map(([name, value]) => `${name}: ${value}`)];
  if (body && chunks) lines.push('Transfer-Encoding: chunked');
  else if (body) lines.push(`Content-Length: ${body.length}`);
  const head = Buffer.from(lines.join(CRLF) + CRLF + CRLF, 'latin1');
  if (!body) return head;
  return Buffer.concat([head, chunks ? chunked(body, chunks) : body]);
}

function chunked(body: Buffer, sizes: readonly number[]): Buffer {
  const pieces: Buffer[] = [];
  for (let at = 0, n = 0; at < body.length; n++) {
    const piece = body.subarray(at, at + (sizes[n % sizes.length] as number));
    pieces.push(Buffer.from(piece.length.toString(16) + CRLF), piece, Buffer.from(CRLF));
    at += piece.length;
  }
  pieces.push(Buffer.from(`0${CRLF}${CRLF}`));
  return Buffer.concat(pieces);
}
