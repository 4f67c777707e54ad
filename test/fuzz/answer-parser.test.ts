import { describe, expect, it } from 'vitest';
import { createAnswerParser, FramingError } from './answer-parser.ts';

const OK = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}';
const CHUNKED = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n';

const always = () => 'GET';

function takeAll(text: string, methodOf: (place: number) => string | undefined = always) {
  const parser = createAnswerParser();
  const answers = parser.take(Buffer.from(text), methodOf);
  return { answers, parser };
}

describe('answers', () => {
  it('are told apart, however they are cut', () => {
    for (let cut = 0; cut <= OK.length + CHUNKED.length; cut++) {
      const parser = createAnswerParser();
      const bytes = Buffer.from(OK + CHUNKED);
      const answers = [
        ...parser.take(bytes.subarray(0, cut), always),
        ...parser.take(bytes.subarray(cut), always),
      ];
      expect(answers.map(({ text }) => text)).toEqual(['{}', 'abcd']);
      expect(parser.isBetween()).toBe(true);
    }
  });

  it('to HEAD have no body, and those that only announce others are passed over', () => {
    const head = 'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n';
    const { answers } = takeAll(
      `HTTP/1.1 100 Continue\r\n\r\n${head}${OK}`,
      (place) => ['HEAD', 'GET'][place],
    );
    expect(answers.map(({ text }) => text)).toEqual(['', '{}']);
  });

  it('that are not whole are waited for', () => {
    const { answers, parser } = takeAll(OK.slice(0, -1));
    expect([answers, parser.isBetween()]).toEqual([[], false]);
  });
});

describe('what is a fault:', () => {
  it.each([
    ['an answer that nobody asked for', OK + OK],
    ['no status line', 'HTTP/2 200\r\n\r\n'],
    ['no length', 'HTTP/1.1 200 OK\r\n\r\n'],
    ['a header twice', 'HTTP/1.1 200 OK\r\nX: a\r\nx: b\r\n\r\n'],
    ['a header that is none', 'HTTP/1.1 200 OK\r\nno header\r\n\r\n'],
    ['no JSON where it says so', OK.replace('{}', '{]')],
    ['a chunk without a size', CHUNKED.replace('3\r\n', 'x\r\n')],
  ])('%s', (_, text) => {
    expect(() => takeAll(text, (place) => (place === 0 ? 'GET' : undefined))).toThrow(FramingError);
  });
});
