import type { IncomingHttpHeaders } from 'node:http';

/** One answer, as it came over the wire. */
export interface Answer<Body = Record<string, unknown>> {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  /** The parsed body; an empty object if there is none, or it is not JSON. */
  json: Body;
}

/** Notes a fault unless something holds. */
export type Demand = (holds: unknown, fault: string) => void;

/** No answer repeats as many digits as a card number has. */
const LONG_DIGITS = /\p{Nd}(?:[ -]?\p{Nd}){12,}/u;

/** What api.md says of every answer, whatever was asked. */
export function checkEveryAnswer(answer: Answer, demand: Demand): void {
  const { headers, text } = answer;
  const requestId = headers['request-id'];
  demand(/^req_[0-9a-z]{26}$/.test(String(requestId)), `Request-Id is ${requestId}`);
  demand(headers['cache-control'] === 'no-store', `Cache-Control is ${headers['cache-control']}`);
  demand(headers['x-content-type-options'] === 'nosniff', 'X-Content-Type-Options is not nosniff');
  if (isProblem(answer) && text !== '') checkProblem(answer, demand);
}

export function isProblem({ headers }: Answer): boolean {
  return headers['content-type'] === 'application/problem+json';
}

/** RFC 9457, and the headers and fields that go with each kind of refusal. */
function checkProblem({ status, headers, json }: Answer, demand: Demand): void {
  const { code, errors } = json;
  demand(json.status === status, `status in the body is ${json.status}`);
  demand(json.type === `/docs#${code}`, `type is ${json.type}`);
  demand(json.request_id === headers['request-id'], `request_id is ${json.request_id}`);
  demand(!LONG_DIGITS.test(JSON.stringify([json.detail, errors])), 'repeats 13 digits or more');
  if (code === 'invalid_request') demand(Array.isArray(errors) && errors.length > 0, 'has no errors[]');
  if (code === 'missing_key' || code === 'invalid_key') {
    demand(headers['www-authenticate']?.startsWith('Bearer '), 'has no WWW-Authenticate');
  }
  if (status === 429 || status === 503) {
    demand(/^[1-9]\d*$/.test(String(headers['retry-after'])), 'has no Retry-After');
  }
  demand(status !== 500, 'is a fault of the service');
}
