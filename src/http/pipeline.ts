import type { Principal } from '../app/authenticate.ts';
import type { Backlog } from '../app/backlog.ts';
import { containsCardNumber, scanJson } from '../domain/card-number.ts';
import type { Gate } from './gate.ts';
import { parseIdempotencyKey } from './idempotency-key.ts';
import { accepts, isJson } from './negotiate.ts';
import { parsePrefer } from './prefer.ts';
import { type Problem, problem } from './problems.ts';
import { NO_BODY, type ParsedJson, parseJson } from './read-body.ts';
import { announcesBody, type RequestHead } from './request-head.ts';
import type { Answer, Route } from './route.ts';
import { validate, validateQuery } from './validate.ts';

/** Why an answer of `overloaded` or `unavailable` says when to come back: seconds. */
export const RETRY_AFTER = { 'Retry-After': '1' };

export interface Incoming {
  head: RequestHead;
  /** Path and query as they were sent. */
  path: string;
  query: string;
  params: Record<string, string>;
}

export interface Outgoing {
  /** `fault`: what was thrown while it was being answered. */
  answer: Answer | { fault: unknown };
  principal: Principal | undefined;
  /** For every answer to an authenticated request. */
  headers: Record<string, string> | undefined;
}

interface Deps {
  gate: Gate;
  backlog: Pick<Backlog, 'admit' | 'limit'>;
  maxBodyBytes: number;
  /** The longest that `Prefer: wait` may take, in seconds. */
  maxWaitSeconds: number;
}

/** Headers that must not be sent twice, and what Node calls them. */
const ONCE = ['Idempotency-Key', 'Content-Type', 'Prefer'].map((name) => [name, name.toLowerCase()] as const);

const NOBODY: Principal = { merchant_id: '', livemode: false, key_id: '', scopes: [] };

/**
 * From a request to its answer, with the refusals in the order of api.md: 401, 403, 429, 413, 415 and 406, malformed,
 * card number, invalid, overloaded; then the route's own. (404 and 405 come before, from the router.)
 */
export function createPipeline({ gate, backlog, maxBodyBytes, maxWaitSeconds }: Deps) {
  function refusedType(route: Route, { head }: Incoming): Problem | null {
    const produced = route.answers[200]?.type ?? 'application/json';
    if (route.body && announcesBody(head) && !isJson(head.header('content-type'))) {
      const given = head.header('content-type');
      const what =
        given === undefined ? 'No Content-Type was sent' : `The Content-Type is "${given.slice(0, 100)}"`;
      return problem('unsupported_media_type', `${what}. Send "Content-Type: application/json".`);
    }
    const accept = head.header('accept');
    if (!accepts(accept, produced)) {
      const detail = `This answers with ${produced}, which "Accept: ${accept?.slice(0, 100)}" does not allow.`;
      return problem('not_acceptable', detail);
    }
    return null;
  }

  function repeatedHeader(head: RequestHead): Problem | null {
    for (const [name, lowerCase] of ONCE) {
      if (head.repeated(lowerCase)) {
        return problem('duplicate_header', `${name} was sent more than once. Send it once.`);
      }
    }
    return null;
  }

  function carriesCardNumber({ head, path, query }: Incoming, text: string, body: unknown): boolean {
    if (
      containsCardNumber(decodePercent(path)) ||
      containsCardNumber(decodePercent(query.replaceAll('+', ' ')))
    )
      return true;
    for (const name of ['idempotency-key', 'prefer', 'content-type', 'accept']) {
      const value = head.header(name);
      if (value !== undefined && containsCardNumber(value)) return true;
    }
    if (text === '') return false;
    // The text shows what parsing drops (repeated keys, digits of large numbers), the parsed value what is kept.
    if (containsCardNumber(text) || scanJson(body)) return true;
    return text.includes('\\u') && containsCardNumber(unescaped(text));
  }

  async function answer(route: Route, incoming: Incoming, principal: Principal): Promise<Answer> {
    const { head, params } = incoming;
    const limit = route.rawBodyBytes ?? maxBodyBytes;
    const body = announcesBody(head) ? await head.body(limit) : NO_BODY;
    if (body === 'too_large') {
      const detail = `The body is longer than ${limit} bytes, the most that is taken. Send less.`;
      return { problem: problem('body_too_large', detail) };
    }
    if (body === 'aborted')
      return { problem: problem('malformed_json', 'The body ended before its announced end.') };
    const refused = refusedType(route, incoming) ?? repeatedHeader(head);
    if (refused) return { problem: refused };

    const parsed = read(route, body.bytes);
    if (!parsed.ok) return { problem: problem('malformed_json', parsed.detail) };
    if (carriesCardNumber(incoming, parsed.text, parsed.value)) {
      const detail =
        'The request holds what looks like a card number. Send a token of your PSP (such as pm_card_visa) instead, ' +
        'and start numeric ids with a letter. Nothing of it was stored.';
      return { problem: problem('card_number_detected', detail) };
    }
    const key = route.operates ? parseIdempotencyKey(head.header('idempotency-key')) : { value: undefined };
    if ('problem' in key) {
      const errors = [{ pointer: 'Idempotency-Key', detail: key.problem }];
      return {
        problem: problem('invalid_request', `The Idempotency-Key header ${key.problem}.`, { errors }),
      };
    }
    const queried = validateQuery(route.query, incoming.query);
    if ('problem' in queried) return queried;
    const validated = route.body ? validate(route.body, parsed.value, '') : { value: undefined };
    if ('problem' in validated) return validated;
    if (route.sheds && !(await backlog.admit())) {
      const detail = `${backlog.limit} payments and more are waiting to be processed. Nothing was stored; try again soon.`;
      return { problem: problem('overloaded', detail, { headers: RETRY_AFTER }) };
    }
    return route.handle({
      params,
      query: queried.value,
      body: validated.value,
      principal,
      idempotencyKey: key.value,
      waitSeconds: route.operates ? Math.min(parsePrefer(head.header('prefer')), maxWaitSeconds) : 0,
      head,
      bytes: body.bytes,
    });
  }

  async function answered(
    route: Route,
    incoming: Incoming,
    principal: Principal,
  ): Promise<Outgoing['answer']> {
    try {
      return await answer(route, incoming, principal);
    } catch (fault) {
      return { fault };
    }
  }

  return async (route: Route, incoming: Incoming): Promise<Outgoing> => {
    if (route.scope === null) {
      return { answer: await answered(route, incoming, NOBODY), principal: undefined, headers: undefined };
    }
    const admitted = await gate(route, incoming.head);
    const { principal, headers } = admitted;
    if ('problem' in admitted) return { answer: { problem: admitted.problem }, principal, headers };
    return { answer: await answered(route, incoming, admitted.principal), principal, headers };
  };
}

export type Pipeline = ReturnType<typeof createPipeline>;

/**
 * The body as the route takes it. Where none is taken it means nothing, whatever is in it (RFC 9110, section 9.3.1),
 * and is only searched for card numbers.
 */
function read({ body, rawBodyBytes }: Route, bytes: Buffer): ParsedJson {
  if (body) return parseJson(bytes);
  return { ok: true, text: rawBodyBytes === undefined ? bytes.toString('utf8') : '', value: {} };
}

/** Decodes what is encoded of a path or a query, whatever else is wrong with it, so that nothing hides there. */
export function decodePercent(text: string): string {
  if (!text.includes('%')) return text;
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (run) =>
    Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8'),
  );
}

/** Text of a JSON document with its escapes undone: what repeated keys hide from the parsed value. */
function unescaped(text: string): string {
  return text.replace(/\\u([0-9a-f]{4})/gi, (_, code) => String.fromCharCode(Number.parseInt(code, 16)));
}
