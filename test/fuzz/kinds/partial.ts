import type { Answer } from '../../http/answer-rules.ts';
import { bytesOf, type Exchange, type Header, type Request, type Script, type Step } from '../exchange.ts';
import { answered } from '../expect.ts';
import { keyed } from '../plan.ts';
import { ownPayment } from './headers.ts';
import type { Draw, Kind } from './kind.ts';
import { CLOSE_LIMIT_MS } from './malformed.ts';

/** A head may take 10 s to come and a request 30 s, looked at every so often: slower ones are cut by then. */
const SLOW_LIMIT_MS = 75_000;
const TRICKLE_PAUSE_MS = 700;

export const partialKinds: readonly Kind[] = [
  { name: 'half-closed', weight: 12, make: halfClosed },
  { name: 'aborted', weight: 20, make: aborted },
  { name: 'gone while waiting', weight: 12, make: goneWhileWaiting },
  { name: 'other framings', weight: 20, make: framings },
  { name: 'other protocols', weight: 10, make: upgrade },
  { name: 'refused and stays', weight: 2, make: stays },
  { name: 'answers unread', weight: 0.2, make: unread },
  { name: 'slow', weight: 0.5, make: slow },
];

function script(steps: readonly Step[], more: Partial<Script>): Omit<Exchange, 'kind'> {
  return { needs: [], act: { steps, methods: [], judge: () => [], limitMs: CLOSE_LIMIT_MS, ...more } };
}

/** Whoever says that nothing more comes from them may be taken for gone, as Node takes them; else they are answered. */
function halfClosed(draw: Draw): Omit<Exchange, 'kind'> {
  const request = ownPayment(draw, draw.dice.chance(0.5) ? [['Prefer', 'wait=2']] : []);
  return script([{ send: bytesOf(request) }, { end: 'half' }], {
    methods: ['POST'],
    paths: [request.target],
    judge: unlessCut(answered('201')),
  });
}

function unlessCut(judge: Script['judge']): Script['judge'] {
  return (answers) => (answers.length === 0 ? [] : judge(answers));
}

/** The connection ends in the middle of a request; it is not a request then. */
function aborted(draw: Draw): Omit<Exchange, 'kind'> {
  const { dice } = draw;
  const whole = bytesOf({ ...ownPayment(draw, []), ...(dice.chance(0.4) && { chunks: [5] }) });
  const part = whole.subarray(0, dice.between(1, whole.length - 1));
  const steps: Step[] = [
    { send: part },
    { pauseMs: dice.below(20) },
    { end: dice.oneOf(['half', 'destroy'] as const) },
  ];
  return script(steps, {
    methods: ['POST'],
    judge: (answers) =>
      answers.flatMap(({ status }) => (status < 400 ? [`half a request is answered with ${status}`] : [])),
  });
}

function goneWhileWaiting(draw: Draw): Omit<Exchange, 'kind'> {
  const request = ownPayment(draw, [['Prefer', 'wait=10']]);
  return script([{ send: bytesOf(request) }, { pauseMs: draw.dice.below(15) }, { end: 'destroy' }], {
    methods: ['POST'],
    paths: [request.target],
    judge: unlessCut(answered('201')),
  });
}

const ending = (text: string) => Buffer.from(text, 'latin1');

/** Seldom used and right, or nearly: each has one answer, and then the connection ends. */
function framings(draw: Draw): Omit<Exchange, 'kind'> {
  const { dice, plan } = draw;
  const request = ownPayment(draw, [['Connection', 'close']]);
  const bearer = `Authorization: Bearer ${plan.keys.a}\r\n`;
  const [bytes, method, ...expected] = dice.oneOf<readonly [Buffer, string, ...string[]]>([
    [ending('GET /health HTTP/1.0\r\n\r\n'), 'GET', '200'],
    [ending('HEAD /health HTTP/1.0\r\n\r\n'), 'HEAD', '200'],
    [ending(`GET /payments?limit=1 HTTP/1.0\r\n${bearer}\r\n`), 'GET', '200'],
    [ending(`\r\n\r\nGET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`), 'GET', '200'],
    [
      ending(`POST /payments HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${bearer}\r\n`),
      'POST',
      '400 invalid_request',
    ],
    [ending('OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'), 'OPTIONS', '404 not_found'],
    [ending('GET /health HTTP/1.1\nHost: x\nConnection: close\n\n'), 'GET', '200', '400 invalid_request'],
    // More than one space between: a server may be lenient (RFC 9112, section 3).
    [
      ending('GET  /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'),
      'GET',
      '200',
      '400 invalid_request',
    ],
    [
      ending('GET /health  HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'),
      'GET',
      '200',
      '400 invalid_request',
    ],
    [bytesOf({ ...request, chunks: [1] }), 'POST', '201'],
    [bytesOf({ ...request, headers: [...request.headers, ['Expect', '100-continue']] }), 'POST', '201'],
    [withTrailer(request), 'POST', '201'],
  ]);
  const steps: Step[] = dice.chance(0.2) ? inPieces(bytes, dice.between(1, 40)) : [{ send: bytes }];
  return script(steps, { methods: [method], judge: answered(...expected) });
}

/** Nobody can be had to speak anything else: it is answered as it stands, and is the last of its connection. */
function upgrade(draw: Draw): Omit<Exchange, 'kind'> {
  const { dice } = draw;
  const to = dice.oneOf<readonly Header[]>([
    [
      ['Upgrade', 'websocket'],
      ['Connection', 'Upgrade'],
    ],
    [
      ['Upgrade', 'h2c'],
      ['Connection', 'Upgrade, HTTP2-Settings'],
      ['HTTP2-Settings', 'AAMAAABk'],
    ],
  ]);
  const wait: readonly Header[] = dice.chance(0.5) ? [['Prefer', 'wait=1']] : [];
  const bytes = bytesOf(ownPayment(draw, [...to, ...wait]));
  const smuggled = ending('GET /payments/smuggled HTTP/1.1\r\nHost: x\r\n\r\n');
  const cut = dice.below(smuggled.length);
  const steps = dice.oneOf<readonly Step[]>([
    [{ send: bytes }],
    [{ send: Buffer.concat([bytes, smuggled]) }],
    [
      { send: Buffer.concat([bytes, smuggled.subarray(0, cut)]) },
      { pauseMs: 5 },
      { send: smuggled.subarray(cut) },
    ],
    [{ send: Buffer.concat([bytes, smuggled]) }, { pauseMs: 5 }, { send: smuggled }],
  ]);
  return script(steps, { methods: ['POST'], paths: ['/payments'], judge: unlessCut(answered('201')) });
}

/** Whoever was refused and neither goes nor stops sending is cut soon. */
function stays({ dice }: Draw): Omit<Exchange, 'kind'> {
  const refused = dice.oneOf([
    'GARBAGE\r\n\r\n',
    'GET /health HTTP/1.1\r\n\r\n',
    'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n',
  ]);
  const steps: Step[] = [{ send: ending(refused) }, { trickle: Buffer.alloc(100, 'x'), pauseMs: 200 }];
  return script(steps, { methods: ['GET'], stays: true, judge: answered('400 invalid_request') });
}

/** Cut anywhere: within a name, a number, a line end. */
function inPieces(bytes: Buffer, size: number): Step[] {
  const count = Math.ceil(bytes.length / size);
  return Array.from({ length: count }, (_, n) => ({ send: bytes.subarray(n * size, (n + 1) * size) }));
}

function withTrailer(request: Request): Buffer {
  const bytes = bytesOf({ ...request, chunks: [10] });
  const extension = ';name="value"\r\n';
  const text = bytes.toString('latin1').replace(/\r\n\r\na\r\n/, `\r\n\r\na${extension}`);
  return ending(text.replace(/0\r\n\r\n$/, '0\r\nX-Trailer: x\r\nAuthorization: Bearer y\r\n\r\n'));
}

/** Much is asked and nothing is read for a while: what was asked comes in the end, whole. */
function unread({ plan, dice }: Draw): Omit<Exchange, 'kind'> {
  const count = 40;
  const request = keyed(plan, 'a', 'GET', dice.oneOf(['/openapi.json', '/docs']));
  const last = bytesOf({ ...request, headers: [...request.headers, ['Connection', 'close']] });
  const all = Buffer.concat([...Array.from({ length: count - 1 }, () => bytesOf(request)), last]);
  return script([{ send: all }, { deafMs: 500 }], {
    methods: Array.from({ length: count }, () => 'GET'),
    judge: (answers: readonly Answer[]) => {
      const good = answers.filter(({ status }) => status === 200).length;
      return good === count ? [] : [`${good} of ${count} answers came`];
    },
  });
}

/** Whoever sends too slowly, or not at all, is cut within the limit, and told at most once. */
function slow(draw: Draw): Omit<Exchange, 'kind'> {
  const { dice } = draw;
  const whole = bytesOf({ ...ownPayment(draw, []), ...(dice.chance(0.4) && { chunks: [5] }) });
  const head = whole.indexOf('\r\n\r\n') + 4;
  const pauseMs = TRICKLE_PAUSE_MS;
  const long = Buffer.concat([whole.subarray(0, head - 4), ending('\r\nX: '), Buffer.alloc(5_000, 'x')]);
  const endless = ending(
    whole
      .subarray(0, head)
      .toString('latin1')
      .replace(/Content-Length: \d+/, 'Content-Length: 5000'),
  );
  const steps = dice.oneOf<readonly Step[]>([
    [],
    [{ send: whole.subarray(0, 3) }],
    [{ send: whole.subarray(0, head - 2) }],
    [{ trickle: long, pauseMs }],
    [{ send: whole.subarray(0, -2) }],
    [{ send: endless }, { trickle: Buffer.alloc(5_000, ' '), pauseMs }],
    // Refused before the body, which then comes slowly.
    [
      { send: ending('POST /payments HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n') },
      { trickle: Buffer.alloc(5_000, ' '), pauseMs },
    ],
    [{ send: ending('POST /nowhere HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab') }],
  ]);
  return script(steps, {
    methods: ['POST'],
    limitMs: SLOW_LIMIT_MS,
    slow: true,
    judge: (answers) =>
      answers.flatMap(({ status }) => (status < 400 ? [`half a request is answered with ${status}`] : [])),
  });
}
