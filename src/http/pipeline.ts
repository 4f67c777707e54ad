import type { Principal } from '../app/authenticate.ts';
import type { Backlog } from '../app/backlog.ts';
import { containsCardNumber, scanJson } from '../domain/card-number.ts';
import type { Gate } from './gate.ts';
import { parseIdempotencyKey } from './idempotency-key.ts';
import { accepts, isJson } from './negotiate.ts';
import { parsePrefer } from './prefer.ts';
import { type Problem, problem } from './problems.ts';
import { announcesBody, parseJson, readBody } from './read-body.ts';
import type { RequestHead } from './request-head.ts';
import type { Answer, Route } from './route.ts';
import { validate, validateQuery } from './validate.ts';

/** Why an answer of `overloaded` or `unavailable` says when to come back: seconds. */
export const RETRY_AFTER = { 'Retry-After': '1' };

export interface Incoming {
  request: Request;
  head: RequestHead;
  /** Path and query as they were sent. */
  path: string;
  query: string;
  params: Record<string, string>;
}

export interface Outgoing {
  answer: Answer;
  principal: Principal | undefined;
  /** For every answer to an authenticated request. */
  headers: Record<string, string> | undefined;
}

interface Deps {
  gate: Gate;
  backlog: Backlog;
  maxBodyBytes: number;
  /** The longest that `Prefer: wait` may take, in seconds. */
  maxWaitSeconds: number;
}

const NOBODY: Principal = { merchant_id: '', livemode: false, key_id: '', scopes: [] };

/**
 * From a request to its answer, with the refusals in the order of api.md: 401, 403, 429, 413, 415 and 406, malformed,
 * card number, invalid, overloaded; then the route's own. (404 and 405 come before, from the router.)
 */
export function createPipeline({ gate, backlog, maxBodyBytes, maxWaitSeconds }: Deps) {
  async function refusedBeforeReading(route: Route, { head }: Incoming): Promise<Problem | null> {
    const produced = Object.values(route.answers)[0]?.type ?? 'application/json';
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
    for (const name of ['Idempotency-Key', 'Content-Type', 'Prefer']) {
      if (head.repeated(name.toLowerCase())) {
        return problem('duplicate_header', `${name} was sent more than once. Send it once.`);
      }
    }
    return null;
  }

  function carriesCardNumber({ head, path, query }: Incoming, text: string, body: unknown): boolean {
    if (containsCardNumber(decoded(path)) || containsCardNumber(decoded(query.replaceAll('+', ' '))))
      return true;
    for (const name of ['idempotency-key', 'prefer', 'content-type', 'accept']) {
      const value = head.header(name);
      if (value !== undefined && containsCardNumber(value)) return true;
    }
    // The text shows what parsing drops (repeated keys), the parsed value what escapes hide.
    return containsCardNumber(text) || scanJson(body);
  }

  async function answer(route: Route, incoming: Incoming, principal: Principal): Promise<Answer> {
    const { head, request, params } = incoming;
    const limit = route.rawBodyBytes ?? maxBodyBytes;
    const body = await readBody(request, head, limit);
    if (body === 'too_large') {
      const detail = `The body is longer than ${limit} bytes, the most that is taken. Send less.`;
      // What was not read is not waited for either.
      return { problem: problem('body_too_large', detail, { headers: { Connection: 'close' } }) };
    }
    const refused = (await refusedBeforeReading(route, incoming)) ?? repeatedHeader(head);
    if (refused) return { problem: refused };

    const parsed =
      route.rawBodyBytes === undefined ? parseJson(body.bytes) : { ok: true as const, text: '', value: {} };
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

  return async (route: Route, incoming: Incoming): Promise<Outgoing> => {
    if (route.scope === null) {
      return { answer: await answer(route, incoming, NOBODY), principal: undefined, headers: undefined };
    }
    const admitted = await gate(route, incoming.head);
    if ('problem' in admitted) {
      return {
        answer: { problem: admitted.problem },
        principal: admitted.principal,
        headers: admitted.headers,
      };
    }
    const { principal, headers } = admitted;
    return { answer: await answer(route, incoming, principal), principal, headers };
  };
}

export type Pipeline = ReturnType<typeof createPipeline>;

function decoded(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    // Not valid percent-encoding as a whole: decode what is, so that nothing hides behind the rest.
    return text.replace(/%[0-9a-f]{2}/gi, (code) => String.fromCharCode(Number.parseInt(code.slice(1), 16)));
  }
}
