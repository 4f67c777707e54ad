import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer } from './answer-rules.ts';
import { answersIn, type RawOptions, sendRaw } from './raw.fixture.ts';
import { type RunningService, startService } from './service.fixture.ts';

let service: RunningService;

beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

const LAST = 'Connection: close\r\n';

/** Sends bytes as they are; all answers that come are of the contract. */
async function send(text: string | Buffer, options?: RawOptions): Promise<Answer[]> {
  const answers = answersIn(await sendRaw(service.url, text, options));
  for (const answer of answers) service.check(null, answer);
  return answers;
}

function head(line: string, ...headers: string[]): string {
  return `${[line, 'Host: tollgate', ...headers].join('\r\n')}\r\n`;
}

function post(body: string, ...headers: string[]): string {
  const own = [`Authorization: Bearer ${service.key}`, 'Content-Type: application/json'];
  const length = `Content-Length: ${Buffer.byteLength(body)}`;
  return `${head('POST /payments HTTP/1.1', ...own, length, ...headers)}\r\n${body}`;
}

function chunked(chunks: string[], ...headers: string[]): string {
  const own = [
    `Authorization: Bearer ${service.key}`,
    'Content-Type: application/json',
    'Transfer-Encoding: chunked',
  ];
  const body = chunks.map((chunk) => `${Buffer.byteLength(chunk).toString(16)}\r\n${chunk}\r\n`).join('');
  return `${head('POST /payments HTTP/1.1', ...own, ...headers)}\r\n${body}`;
}

const summary = (answers: Answer[]) =>
  answers.map(({ status, json }) => [status, json.code ?? json.payment_id]);

describe('what is not a request', () => {
  it.each([
    ['garbage', 'GARBAGE\r\n\r\n'],
    ['another protocol', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['TLS', Buffer.from('160301020001000001fc0303', 'hex')],
    ['another version', 'GET /health HTTP/9.9\r\nHost: x\r\n\r\n'],
    ['a space in the path', 'GET /pay ments HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['bytes in the path', Buffer.from('GET /caf\u00e9 HTTP/1.1\r\nHost: x\r\n\r\n', 'latin1')],
    ['a header without a name', 'GET /health HTTP/1.1\r\nHost: x\r\n: y\r\n\r\n'],
    ['a header folded', 'GET /health HTTP/1.1\r\nHost: x\r\nA: b\r\n\u0000c\r\n\r\n'],
    ['headers that are too long', `GET /health HTTP/1.1\r\nHost: x\r\nA: ${'b'.repeat(20_000)}\r\n\r\n`],
    ['no host', 'GET /health HTTP/1.1\r\n\r\n'],
    ['two lengths', 'POST /payments HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}'],
    [
      'a length and chunks',
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['a negative length', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n'],
    ['another encoding', 'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\nabc'],
  ])('%s is answered in the form of all problems, and the connection closed', async (_, text) => {
    const [answer, ...more] = await send(text);
    expect([answer?.status, answer?.json.code, more]).toEqual([400, 'invalid_request', []]);
    expect(await service.logged()).toContain(answer?.json.request_id);
  });

  it('a body whose chunks cannot be read is answered alike, and makes no payment', async () => {
    const text = `${chunked(['{"payment_id":"chunks",'])}xyz\r\n"amount":1}\r\n0\r\n\r\n`;
    expect(summary(await send(text))).toEqual([[400, 'invalid_request']]);
    expect((await service.get('chunks')).status).toBe(404);
  });

  it('after a request that is still to be answered cuts the connection: nobody takes it for its answer', async () => {
    const text = `${post('{"payment_id":"before-garbage","amount":1}', 'Prefer: wait=5')}GARBAGE\r\n\r\n`;
    expect(await sendRaw(service.url, text)).toBe('');
    const { json } = await service.pay({ payment_id: 'before-garbage', amount: 1 });
    expect(json.status).toBe('completed');
    const page = `${head('POST /simulator/challenges/none HTTP/1.1', 'Content-Length: 15')}\r\ndecision=accept`;
    expect(await sendRaw(service.url, `${page}GARBAGE\r\n\r\n`)).toBe('');
  });

  it('is not answered a second time if it was refused before its end', async () => {
    const unread = `${head('POST /nowhere HTTP/1.1', 'Transfer-Encoding: chunked')}\r\n5\r\nhello\r\n`;
    expect(summary(answersIn(await sendRaw(service.url, [unread, 'not the size of a chunk\r\n'])))).toEqual([
      [404, 'not_found'],
    ]);
  });

  it('is the last of its connection: what follows it is not carried out', async () => {
    const text = `${'GET /health HTTP/1.1'}\r\n\r\n${post('{"payment_id":"after-refusal","amount":1}')}`;
    expect(summary(await send(text))).toEqual([[400, 'invalid_request']]);
    expect((await service.get('after-refusal')).status).toBe(404);
  });

  it('is cut when whoever sent it goes on sending', async () => {
    const { hostname, port } = new URL(service.url);
    const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
    const sending = setInterval(() => socket.write('x'), 100);
    socket.write('GARBAGE\r\n\r\n');
    socket.resume();
    await new Promise((resolve) => socket.on('error', resolve).on('close', resolve));
    clearInterval(sending);
  });
});

describe('over one connection', () => {
  it('requests sent at once are answered in their order', async () => {
    const waits = 'Prefer: wait=20';
    const text =
      post('{"payment_id":"first","amount":1}', waits) +
      post('{"amount":') +
      head('GET /nowhere HTTP/1.1') +
      '\r\n' +
      post('{"payment_id":"last","amount":1}', waits, 'Connection: close');
    expect(summary(await send(text))).toEqual([
      [201, 'first'],
      [400, 'malformed_json'],
      [404, 'not_found'],
      [201, 'last'],
    ]);
  });

  it('the body of a request that was refused unread is not taken for the next request', async () => {
    const inner = `${head('GET /health HTTP/1.1')}\r\n`;
    const refused = `${head('POST /payments HTTP/1.1', `Content-Length: ${inner.length}`)}\r\n${inner}`;
    const nowhere = `${head('POST /nowhere HTTP/1.1', `Content-Length: ${inner.length}`)}\r\n${inner}`;
    const large = post(inner.repeat(400));
    const text = `${refused}${nowhere}${large}${head('GET /payments/none HTTP/1.1', 'Connection: close')}\r\n`;
    expect(summary(await send(text))).toEqual([
      [401, 'missing_key'],
      [404, 'not_found'],
      [413, 'body_too_large'],
      [401, 'missing_key'],
    ]);
  });

  it('a body in chunks is taken whole, and refused as soon as it is too long', async () => {
    const pieces = [...'{"payment_id":"pieces","amount":1}'];
    expect(summary(await send(`${chunked(pieces, LAST.trim())}0\r\n\r\n`))).toEqual([[201, 'pieces']]);
    const endless = Array.from({ length: 20 }, () => ' '.repeat(1_000));
    expect(summary(await send(chunked(endless, LAST.trim())))).toEqual([[413, 'body_too_large']]);
    expect(summary(await send(`${chunked([...endless, '4242424242424242'], LAST.trim())}0\r\n\r\n`))).toEqual(
      [[413, 'body_too_large']],
    );
  });

  it('a length that announces too much is refused before any of it comes', async () => {
    const text = post('', LAST.trim()).replace('Content-Length: 0', 'Content-Length: 8193');
    expect(summary(await send(text))).toEqual([[413, 'body_too_large']]);
  });

  it('an expectation is met, or passed over', async () => {
    const text = post('{"amount":1}', 'Expect: nonsense', LAST.trim());
    expect((await send(text)).map(({ status }) => status)).toEqual([201]);
    const continued = await sendRaw(service.url, post('{"amount":1}', 'Expect: 100-continue', LAST.trim()));
    expect(continued).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 201 Created\r\n/);
  });

  it('another protocol is not to be had: it is answered as the last, and nothing after it is carried out', async () => {
    const upgrade = post('{"payment_id":"upgraded","amount":1}', 'Upgrade: h2c', 'Connection: Upgrade');
    const inner = post('{"payment_id":"after-upgrade","amount":1}');
    for (const pieces of [
      [upgrade + inner],
      [upgrade + inner.slice(0, 20), inner.slice(20)],
      [upgrade, inner],
    ]) {
      const answers = answersIn(await sendRaw(service.url, pieces));
      expect(summary(answers)).toEqual([[201, 'upgraded']]);
      expect(answers[0]?.headers.connection).toBe('close');
    }
    expect((await service.get('after-upgrade')).status).toBe(404);
  });

  it('HTTP/1.0, an absolute target, and an upgrade that is not to be had are served', async () => {
    for (const text of [
      'GET /health HTTP/1.0\r\n\r\n',
      `${head('GET http://elsewhere.example/health HTTP/1.1', 'Connection: close')}\r\n`,
      `${head('GET /health HTTP/1.1', 'Upgrade: websocket', 'Connection: Upgrade, close')}\r\n`,
    ]) {
      expect((await send(text)).map(({ status, json }) => [status, json])).toEqual([[200, { status: 'ok' }]]);
    }
    expect(summary(await send(`${head('OPTIONS * HTTP/1.1', 'Connection: close')}\r\n`))).toEqual([
      [404, 'not_found'],
    ]);
    expect(await sendRaw(service.url, `${head('CONNECT elsewhere:443 HTTP/1.1')}\r\n`)).toBe('');
  });
});

describe('who goes away', () => {
  it('in the middle of a body makes no payment and no fault', async () => {
    const text = post('{"payment_id":"half","amount":1}').slice(0, -5);
    await sendRaw(service.url, text, { hangUp: true });
    await sendRaw(service.url, chunked(['{"payment_id":"half",', '"amount":1}']), { hangUp: true });
    await sendRaw(
      service.url,
      `${head('POST /simulator/challenges/x HTTP/1.1', 'Content-Length: 9')}\r\nde`,
      {
        hangUp: true,
      },
    );
    expect((await service.get('half')).status).toBe(404);
  });

  it('before the answer has one payment in the end: the same request tells, or makes it', async () => {
    await sendRaw(service.url, post('{"payment_id":"gone","amount":1}', 'Prefer: wait=20'), { hangUp: true });
    const { status, json } = await service.pay({ payment_id: 'gone', amount: 1 });
    expect([status, json.status, json.version]).toEqual([201, 'completed', 2]);
  });
});

it('after all that, no answer was a fault, and the log says nothing of one', async () => {
  expect((await service.call('GET', '/metrics')).text).not.toMatch(/status="5\d\d"/);
  expect(await service.logged()).not.toMatch(/"stack"|"fault"/);
});
