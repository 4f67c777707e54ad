import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';

/** `aborted`: the sender went away before the end, and what came must not be taken for the whole. */
export type Body = { bytes: Buffer } | 'too_large' | 'aborted';

export const NO_BODY = { bytes: Buffer.alloc(0) };

/** The exact bytes of a web-standard request, never more than `maxBytes` of them in memory. */
export async function readWebBody(request: Request, maxBytes: number): Promise<Body> {
  if (!request.body) return NO_BODY;
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request.body) {
    length += chunk.length;
    if (length > maxBytes) return 'too_large';
    chunks.push(chunk);
  }
  return { bytes: Buffer.concat(chunks) };
}

/** The same from Node's own stream, without a `Request` and its web stream: this runs for every POST. */
export function readNodeBody(incoming: IncomingMessage, maxBytes: number): Promise<Body> {
  return new Promise((resolve) => {
    // Who went away while it was found out who they are: no event tells of it any more.
    if (incoming.destroyed) {
      resolve('aborted');
      return;
    }
    const chunks: Buffer[] = [];
    let length = 0;
    const take = (chunk: Buffer) => {
      length += chunk.length;
      if (length <= maxBytes) {
        chunks.push(chunk);
        return;
      }
      incoming.removeListener('data', take);
      // What follows is thrown away unread, so that the answer reaches who sent it.
      incoming.resume();
      resolve('too_large');
    };
    incoming.on('data', take);
    incoming.once('end', () =>
      resolve({ bytes: chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks) }),
    );
    incoming.once('error', () => resolve('aborted'));
    incoming.once('close', () => resolve('aborted'));
  });
}

export type ParsedJson = { ok: true; text: string; value: unknown } | { ok: false; detail: string };

/** JSON in UTF-8. An empty body is an empty object: every field of it may be optional. */
export function parseJson(bytes: Buffer): ParsedJson {
  if (bytes.length === 0) return { ok: true, text: '', value: {} };
  if (!isUtf8(bytes)) return { ok: false, detail: 'The body is not valid UTF-8. Send JSON in UTF-8.' };
  const text = bytes.toString('utf8');
  try {
    return { ok: true, text, value: JSON.parse(text) };
  } catch {
    // The parser's own message quotes the body, which may hold what must not be echoed.
    return {
      ok: false,
      detail: `The body of ${bytes.length} bytes is not valid JSON. Check quotes, commas and braces.`,
    };
  }
}
