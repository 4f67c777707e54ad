import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HttpApp, Mount } from './app.ts';
import { problem, renderProblem } from './problems.ts';
import { nodeRequestHead } from './request-head.ts';
import { createTurns } from './turns.ts';

/** Longest body of a page that is not ours: a form with one button. */
const MAX_PAGE_BODY_BYTES = 8 * 1_024;

export interface NodeListener {
  (incoming: IncomingMessage, outgoing: ServerResponse): void;
  /**
   * Answers what cannot be read as a request, as the last of its connection. If one that came before it is still to be
   * answered, the connection is cut instead: nobody must take this answer for that one's.
   */
  refuse(socket: Connection, requestId: string): void;
}

interface Connection {
  readonly writable: boolean;
  end(text: string): unknown;
  destroy(): unknown;
}

/** What goes on over one connection. */
interface Conversation {
  /** Requests that are still to be answered. */
  unanswered: Set<IncomingMessage>;
  /** The one that came last. */
  latest: IncomingMessage | null;
  /** It ends with an answer that is given or under way: what still comes is not acted upon. */
  ending: boolean;
}

/**
 * The application behind Node's own server. Requests are read and answers written as they are: the edge needs the raw
 * headers and the exact bytes, which web-standard objects in between would only hide.
 */
export function nodeListener(app: HttpApp): NodeListener {
  const conversations = new WeakMap<Connection, Conversation>();
  const endOfTurn = createTurns();

  function conversationOn(socket: Connection): Conversation {
    const known = conversations.get(socket);
    if (known) return known;
    const made = { unanswered: new Set<IncomingMessage>(), latest: null, ending: false };
    conversations.set(socket, made);
    return made;
  }

  function listener(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const conversation = conversationOn(incoming.socket);
    if (conversation.ending) return;
    conversation.latest = incoming;
    if (incoming.headers.upgrade !== undefined) {
      // There is no other protocol to be had here, and Node drops what came in one piece with such a request: the rest
      // of that could be taken for a request of its own.
      conversation.ending = true;
      outgoing.shouldKeepAlive = false;
    }
    const { path, query } = target(incoming.url ?? '/');
    const method = incoming.method ?? 'GET';
    const mount = app.mountAt(path);
    conversation.unanswered.add(incoming);
    const done = mount ? show(mount) : answer();
    // Neither rejects but by a fault of ours; the connection then must not hang.
    done.catch((error: unknown) =>
      outgoing.destroy(error instanceof Error ? error : new Error(String(error))),
    );

    async function show(mount: Mount): Promise<void> {
      await showPage(app, mount, incoming, outgoing, path, query);
      conversation.unanswered.delete(incoming);
    }

    async function answer(): Promise<void> {
      await endOfTurn();
      const { status, headers, body } = await app.answer({
        method,
        path,
        query,
        head: nodeRequestHead(incoming),
      });
      headers['Content-Length'] = String(Buffer.byteLength(body));
      await endOfTurn();
      outgoing.writeHead(status, headers);
      outgoing.end(body);
      conversation.unanswered.delete(incoming);
    }
  }

  function refuse(socket: Connection, requestId: string): void {
    const conversation = conversationOn(socket);
    const { unanswered, latest, ending } = conversation;
    if (ending) return;
    conversation.ending = true;
    // Half of it is missing, and it was refused without: that was its answer.
    const wasAnswered = latest !== null && !latest.complete && !unanswered.has(latest);
    // One whose own end could not be read is what this is the answer to.
    const isAwaited = [...unanswered].some(({ complete }) => complete);
    if (isAwaited) socket.destroy();
    else if (wasAnswered) socket.end('');
    else if (socket.writable) socket.end(unreadable(requestId));
  }

  return Object.assign(listener, { refuse });
}

/** The whole answer to what Node could not read as a request: in the form of all others. */
function unreadable(requestId: string): string {
  const detail =
    'This is not an HTTP/1.1 request that can be read, or it took too long. Check its first line, its headers and their size.';
  const body = renderProblem(
    problem('invalid_request', detail, { errors: [{ pointer: '', detail }] }),
    requestId,
  );
  return [
    'HTTP/1.1 400 Bad Request',
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    `Request-Id: ${requestId}`,
    'Cache-Control: no-store',
    'X-Content-Type-Options: nosniff',
    'Connection: close',
    '',
    body,
  ].join('\r\n');
}

/** Path and query of a request target, in origin form or (to a proxy) absolute. */
function target(url: string): { path: string; query: string } {
  let start = 0;
  if (url.charCodeAt(0) !== 0x2f) {
    const scheme = url.indexOf('://');
    start = scheme === -1 ? 0 : Math.max(0, url.indexOf('/', scheme + 3));
  }
  const mark = url.indexOf('?', start);
  if (mark === -1) return { path: start === 0 ? url : url.slice(start), query: '' };
  return { path: url.slice(start, mark), query: url.slice(mark + 1) };
}

async function showPage(
  app: HttpApp,
  mount: Mount,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  path: string,
  query: string,
): Promise<void> {
  const head = nodeRequestHead(incoming);
  const body = await head.body(MAX_PAGE_BODY_BYTES);
  if (body === 'aborted') {
    outgoing.destroy();
    return;
  }
  // What is too long for us is too long for the page, which says so in its own form.
  const bytes = body === 'too_large' ? new Uint8Array(MAX_PAGE_BODY_BYTES) : new Uint8Array(body.bytes);
  // There is no `Request` of TRACE; the page allows neither of the two.
  const method = incoming.method === 'TRACE' ? 'OPTIONS' : (incoming.method ?? 'GET');
  const type = head.header('content-type');
  const request = new Request(`http://localhost${path}${query === '' ? '' : `?${query}`}`, {
    method,
    headers: type === undefined ? {} : { 'Content-Type': type },
    body: method === 'GET' || method === 'HEAD' ? null : bytes,
  });
  const response = await app.show(mount, request);
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  outgoing.end(Buffer.from(await response.arrayBuffer()));
}
