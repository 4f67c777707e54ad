export interface RawAnswer {
  status: number;
  /** Status line and headers, as they came. */
  head: string;
  body: string;
  /** Whether another request may follow on the connection. */
  keepsAlive: boolean;
}

const END_OF_HEAD = '\r\n\r\n';

/**
 * The one answer in what a connection has received, or null if it has not all come yet. Enough of HTTP/1.1 to read our
 * own server: every answer of it has a Content-Length.
 * @param received one character for each byte
 * @throws Error if it is no such answer
 */
export function answerIn(received: string): RawAnswer | null {
  const end = received.indexOf(END_OF_HEAD);
  if (end === -1) return null;
  const head = received.slice(0, end);
  const length = Number(headerIn(head, 'Content-Length'));
  if (!head.startsWith('HTTP/1.1 ') || !Number.isSafeInteger(length))
    throw new Error(`This is no answer with a Content-Length: ${head.slice(0, 200)}`);
  const from = end + END_OF_HEAD.length;
  if (received.length < from + length) return null;
  if (received.length > from + length) throw new Error('More came than one answer.');
  const keepsAlive = headerIn(head, 'Connection')?.toLowerCase() !== 'close';
  return { status: Number(head.slice(9, 12)), head, body: received.slice(from), keepsAlive };
}

/** The value of a header, written in any case; null if it is not there. */
export function headerIn(head: string, name: string): string | null {
  const lower = head.toLowerCase();
  const at = lower.indexOf(`\r\n${name.toLowerCase()}:`);
  if (at === -1) return null;
  const from = at + name.length + 3;
  const end = head.indexOf('\r\n', from);
  return head.slice(from, end === -1 ? undefined : end).trim();
}
