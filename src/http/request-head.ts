import type { IncomingMessage } from 'node:http';

/** The headers that the edge reads, and nothing else: what is not read is never logged, scanned or kept. */
export interface RequestHead {
  /** The value of a header by its lower-case name. */
  header(name: string): string | undefined;
  /** Whether it was sent more than once; told by the raw headers, since parsers keep the first or join them. */
  repeated(name: string): boolean;
  /** The peer's address, where there is a socket. */
  remoteAddress: string | undefined;
}

/** From Node's own request, without building a `Headers` object: this runs on every request. */
export function nodeRequestHead(incoming: IncomingMessage): RequestHead {
  return {
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
  };
}

/** From a web-standard request, where repeated headers arrive joined: for calls that pass no socket. */
export function webRequestHead(request: Request): RequestHead {
  return {
    header: (name) => request.headers.get(name) ?? undefined,
    repeated: () => false,
    remoteAddress: undefined,
  };
}
