import { describe, expect, it } from 'vitest';
import { outcomeOf } from './outcome.ts';
import { answerIn, headerIn } from './raw-answer.ts';

function text(status: string, headers: readonly string[], body: string): string {
  return [`HTTP/1.1 ${status}`, ...headers, `Content-Length: ${body.length}`, '', body].join('\r\n');
}

const OVERLOADED = text('503 Service Unavailable', ['Retry-After: 1'], '{"code":"overloaded"}');

describe('an answer', () => {
  it('is read once all of it has come, wherever it was cut', () => {
    for (let cut = 0; cut < OVERLOADED.length; cut++) expect(answerIn(OVERLOADED.slice(0, cut))).toBeNull();
    expect(answerIn(OVERLOADED)).toMatchObject({
      status: 503,
      body: '{"code":"overloaded"}',
      keepsAlive: true,
    });
  });

  it('tells whether the connection may be used again', () => {
    expect(answerIn(text('201 Created', ['Connection: close'], '{}'))?.keepsAlive).toBe(false);
    expect(answerIn(text('201 Created', ['Connection: keep-alive'], '{}'))?.keepsAlive).toBe(true);
  });

  it('is not taken for one if it has no length, is something else, or is followed by more', () => {
    expect(() => answerIn('HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n')).toThrow('no answer');
    expect(() => answerIn('SSH-2.0-x\r\nContent-Length: 0\r\n\r\n')).toThrow('no answer');
    expect(() => answerIn(`${OVERLOADED}H`)).toThrow('More came');
  });

  it('has headers in any case, whole names only', () => {
    const { head } = answerIn(text('429 x', ['ratelimit-policy: "default";q=1', 'RETRY-AFTER:  2 '], '')) ?? {
      head: '',
    };
    expect(headerIn(head, 'Retry-After')).toBe('2');
    expect(headerIn(head, 'RateLimit')).toBeNull();
    expect(headerIn(head, 'RateLimit-Policy')).toBe('"default";q=1');
  });
});

describe('what an answer means', () => {
  it('a 201 is accepted, and no answer is told apart', () => {
    expect(outcomeOf(answerIn(text('201 Created', [], '{}')))).toEqual({ kind: 'accepted' });
    expect(outcomeOf(null)).toEqual({ kind: 'unanswered' });
  });

  it('a refusal must say when to come back, in whole seconds', () => {
    const refused = { kind: 'refused', what: '503 overloaded' };
    expect(outcomeOf(answerIn(OVERLOADED))).toEqual({ ...refused, complete: true });
    for (const headers of [[], ['Retry-After: 0'], ['Retry-After: soon']]) {
      const answer = answerIn(text('503 x', headers, '{"code":"overloaded"}'));
      expect(outcomeOf(answer)).toEqual({ ...refused, complete: false });
    }
  });

  it('a 429 must say what the limit is too', () => {
    const headers = ['Retry-After: 1', 'RateLimit: "default";r=0;t=1', 'RateLimit-Policy: "default";q=1;w=1'];
    const limited = (given: readonly string[]) =>
      outcomeOf(answerIn(text('429 x', given, '{"code":"rate_limited"}')));
    expect(limited(headers)).toEqual({ kind: 'refused', what: '429 rate_limited', complete: true });
    for (const at of headers.keys()) {
      expect(limited(headers.toSpliced(at, 1))).toMatchObject({ complete: false });
    }
  });
});
