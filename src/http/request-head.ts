import type { IncomingMessage } from 'node:http';
import type { Principal } from '../app/authenticate.ts';
import { type Body, NO_BODY, readNodeBody, readWebBody } from './read-body.ts';

/** A request as the edge reads it, and nothing else: headers that are not asked for are never logged or kept. */
export interface RequestHead {
  /** The value of a header by its lower-case name. */
  header(name: string): string | undefined;
  /** Whether it was sent more than once; told by the raw headers, since parsers keep the first or join them. */
  repeated(name: string): boolean;
  /** The peer's address, where there is a socket. */
  remoteAddress: string | undefined;
  /** Whom whoever stands before us has found the key to be of; without it, the key is looked up here. */
  principal?: Principal | undefined;
  /** The exact bytes of the body, once; never more than `maxBytes` of it in memory. */
  body(maxBytes: number): Promise<Body>;
}

/** Whether the request says that it brings a body. */
export function announcesBody(head: RequestHead): boolean {
  const length = head.header('content-length');
  return (length !== undefined && length !== '0') || head.header('transfer-encoding') !== undefined;
}

async function announced(head: RequestHead, maxBytes: number, read: () => Promise<Body>): Promise<Body> {
  if (!announcesBody(head)) return NO_BODY;
  return Number(head.header('content-length') ?? 0) > maxBytes ? 'too_large' : read();
}

/** From Node's own request, without building a `Headers` or `Request` object: this runs on every request. */
export function nodeRequestHead(incoming: IncomingMessage): RequestHead {
  const head: RequestHead = {
    header(name) {
      const value = incoming.headers[name];
      return typeof value === 'string' ? value : undefined;
    },
    repeated(name) {
      let count = 0;
      const raw = incoming.rawHeaders;
      for (let i = 0; i < raw.length; i += 2) {
        const candidate = raw[i] as string;
        if (candidate.length === name.length && candidate.toLowerCase() === name) count++;
      }
      return count > 1;
    },
    remoteAddress: incoming.socket?.remoteAddress,
    body: (maxBytes) => announced(head, maxBytes, () => readNodeBody(incoming, maxBytes)),
  };
  return head;
}

/** From a web-standard request, where repeated headers arrive joined: for calls that pass no socket. */
export function webRequestHead(request: Request): RequestHead {
  const length = request.headers.get('content-length');
  return {
    header(name) {
      // It may have a body and no header that says so; then it is told as HTTP would.
      const unsaid = name === 'transfer-encoding' && request.body && length === null ? 'chunked' : undefined;
      return request.headers.get(name) ?? unsaid;
    },
    repeated: () => false,
    remoteAddress: undefined,
    body: async (maxBytes) => (Number(length ?? 0) > maxBytes ? 'too_large' : readWebBody(request, maxBytes)),
  };
}
