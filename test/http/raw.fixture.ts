import { connect } from 'node:net';
import type { Answer } from './answer-rules.ts';

/** What a server on the same machine needs to read what was sent before. */
const PIECE_PAUSE_MS = 30;

export interface RawOptions {
  /** Ends our side after the text, as a client does that goes away half-way. */
  hangUp?: boolean;
}

/**
 * Sends bytes as they are, and gives back all that comes until the server closes the connection. Several pieces are
 * sent one after the other, each once the server has had time to read the one before.
 */
export function sendRaw(
  url: string,
  text: string | Buffer | readonly string[],
  { hangUp = false }: RawOptions = {},
): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const socket = connect(Number(port), hostname, () => {
      void write();
    });
    async function write(): Promise<void> {
      const pieces = Array.isArray(text) ? text : [text];
      for (const [place, piece] of pieces.entries()) {
        if (place > 0) await new Promise((resume) => setTimeout(resume, PIECE_PAUSE_MS));
        if (!socket.destroyed) socket.write(piece);
      }
      if (hangUp) socket.end();
    }
    socket.on('data', (chunk) => chunks.push(chunk));
    // A server that has said all it wants to may cut what is still being sent.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => resolve(Buffer.concat(chunks).toString('utf8')));
  });
}

/** The answers in what came over a connection, one after the other. */
export function answersIn(text: string): Answer[] {
  const answers: Answer[] = [];
  for (let rest = Buffer.from(text); rest.length > 0; ) {
    const end = rest.indexOf('\r\n\r\n');
    const [statusLine = '', ...lines] = rest.subarray(0, end).toString('utf8').split('\r\n');
    const headers = Object.fromEntries(lines.map(parsedHeader));
    const status = Number(statusLine.split(' ')[1]);
    const length = Number(headers['content-length'] ?? 0);
    const body = rest.subarray(end + 4, end + 4 + length).toString('utf8');
    rest = rest.subarray(end + 4 + length);
    const json = body.startsWith('{') ? JSON.parse(body) : {};
    answers.push({ status, headers, text: body, json });
  }
  return answers;
}

function parsedHeader(line: string): [string, string] {
  const colon = line.indexOf(':');
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
}
