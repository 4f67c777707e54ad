import type { Answer } from '../http/answer-rules.ts';

/** All that two answers can differ in, but for what differs between any two: the request's id, the date, the rate. */
export function comparable({ status, headers, text }: Answer<unknown>): string {
  const id = String(headers['request-id']);
  const { date: _, 'request-id': __, ratelimit: ___, ...rest } = headers;
  return JSON.stringify([status, rest, text.replace(id, '')]);
}
