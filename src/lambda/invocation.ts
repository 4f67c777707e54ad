import type { Asked, HttpApp, Mount, Reply } from '../http/app.ts';
import type { Body } from '../http/read-body.ts';
import { NO_BODY } from '../http/read-body.ts';
import type { RequestHead } from '../http/request-head.ts';

/** Headers of which HTTP allows one; of these the first counts, all others are joined (RFC 9110, section 5.3). */
const SINGLE = new Set(['authorization', 'content-type', 'content-length', 'host', 'user-agent']);

/** Longest body of a page that is not ours: a form with one button. */
const MAX_PAGE_BODY_BYTES = 8 * 1_024;

/** A request that the function was invoked with, whichever edge it came by. */
export interface Invocation {
  asked: Asked;
  bytes: Buffer;
  /** What stands before every path for a client. Paths that an answer gives must begin with it. */
  basePath: string;
}

interface Head extends Pick<RequestHead, 'remoteAddress' | 'principal'> {
  /** By their lower-case names, each as often as it was sent. */
  values: Map<string, string[]>;
  bytes: Buffer;
}

export function headOf({ values, bytes, remoteAddress, principal }: Head): RequestHead {
  // The edge has read the body: its length is what came, whatever was announced.
  values.delete('transfer-encoding');
  if (bytes.length > 0) values.set('content-length', [String(bytes.length)]);
  else values.delete('content-length');
  return {
    header(name) {
      const given = values.get(name);
      return given && (SINGLE.has(name) ? given[0] : given.join(', '));
    },
    repeated: (name) => (values.get(name)?.length ?? 0) > 1,
    remoteAddress,
    principal,
    async body(maxBytes): Promise<Body> {
      if (bytes.length === 0) return NO_BODY;
      return bytes.length > maxBytes ? 'too_large' : { bytes };
    },
  };
}

/** Never rejects but by a fault of ours. An answer to HEAD has no body, which Node's own server leaves out itself. */
export async function answerInvocation(app: HttpApp, invocation: Invocation): Promise<Reply> {
  const { method, path } = invocation.asked;
  const mount = app.mountAt(path);
  const reply = mount ? await showPage(app, mount, invocation) : await answer(app, invocation);
  return method === 'HEAD' ? { ...reply, body: '' } : reply;
}

async function answer(app: HttpApp, { asked, basePath }: Invocation): Promise<Reply> {
  const reply = await app.answer(asked);
  const { Location } = reply.headers;
  if (Location?.startsWith('/')) reply.headers.Location = `${basePath}${Location}`;
  return reply;
}

async function showPage(app: HttpApp, mount: Mount, { asked, bytes, basePath }: Invocation): Promise<Reply> {
  const { path, query, method, head } = asked;
  const type = head.header('content-type');
  // What is too long for us is too long for the page, which says so in its own form.
  const body =
    bytes.length > MAX_PAGE_BODY_BYTES ? new Uint8Array(MAX_PAGE_BODY_BYTES + 1) : new Uint8Array(bytes);
  const request = new Request(`http://localhost${path}${query === '' ? '' : `?${query}`}`, {
    // There is no `Request` of TRACE; the page allows neither of the two.
    method: method === 'TRACE' ? 'OPTIONS' : method,
    headers: type === undefined ? {} : { 'Content-Type': type },
    body: method === 'GET' || method === 'HEAD' ? null : body,
  });
  const response = await app.show(mount, request);
  const headers = Object.fromEntries(response.headers);
  if (headers.location?.startsWith('/')) headers.location = `${basePath}${headers.location}`;
  return { status: response.status, headers, body: await response.text() };
}
