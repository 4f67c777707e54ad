import { isUtf8 } from 'node:buffer';
import type { RequestHead } from './request-head.ts';

export type Body = { bytes: Buffer } | 'too_large';

const EMPTY = Buffer.alloc(0);

/** Whether the request says that it brings a body. */
export function announcesBody(head: RequestHead): boolean {
  const length = head.header('content-length');
  return (length !== undefined && length !== '0') || head.header('transfer-encoding') !== undefined;
}

/** The body's exact bytes, never more than `maxBytes` of it in memory. */
export async function readBody(request: Request, head: RequestHead, maxBytes: number): Promise<Body> {
  const announced = head.header('content-length');
  if (announced !== undefined) {
    if (Number(announced) > maxBytes) return 'too_large';
    const bytes = Buffer.from(await request.arrayBuffer());
    return bytes.length > maxBytes ? 'too_large' : { bytes };
  }
  if (!request.body) return { bytes: EMPTY };
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request.body) {
    length += chunk.length;
    if (length > maxBytes) return 'too_large';
    chunks.push(chunk);
  }
  return { bytes: Buffer.concat(chunks) };
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
