import type { Answer } from '../../http/answer-rules.ts';
import { CARD_FORMS } from '../canary.ts';
import { bytesOf, type Exchange, type Script, type Step } from '../exchange.ts';
import { outcome } from '../expect.ts';
import { keyed } from '../plan.ts';
import { ownPayment } from './headers.ts';
import type { Draw, Kind } from './kind.ts';

/** A connection on which nothing more can come must be closed soon; a busy machine takes its time. */
export const CLOSE_LIMIT_MS = 30_000;

const GET = 'GET /health HTTP/1.1\r\n';
const HOST = 'Host: tollgate\r\n';
const POST = `POST /payments HTTP/1.1\r\n${HOST}`;
const JSON_TYPE = 'Content-Type: application/json\r\n';
const BODY = '{"amount":1}';
/** What must never be answered: it stands where a body is, or nothing. */
const INNER = 'GET /payments/smuggled HTTP/1.1\r\nHost: tollgate\r\n\r\n';
const CHUNKS = `${BODY.length.toString(16)}\r\n${BODY}\r\n0\r\n\r\n`;

/** No request at all: one 400, or none, and the end of the connection. */
const BROKEN: readonly (string | Buffer)[] = [
  'GARBAGE\r\n\r\n',
  '\r\n\r\n\r\nGARBAGE\r\n\r\n',
  '\u0000'.repeat(100),
  `${'A'.repeat(100_000)}`,
  Buffer.from('160301020001000001fc0303', 'hex'),
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'SSH-2.0-OpenSSH_9.9\r\n',
  `get /health HTTP/1.1\r\n${HOST}\r\n`,
  `Get /health HTTP/1.1\r\n${HOST}\r\n`,
  `FROB /health HTTP/1.1\r\n${HOST}\r\n`,
  `GET\t/health\tHTTP/1.1\r\n${HOST}\r\n`,
  `GET /he alth HTTP/1.1\r\n${HOST}\r\n`,
  `GET /health HTTP/1.2\r\n${HOST}\r\n`,
  `GET /health HTTP/9.9\r\n${HOST}\r\n`,
  `GET /health http/1.1\r\n${HOST}\r\n`,
  `GET /health HTTP/1.1x\r\n${HOST}\r\n`,
  `GET health HTTP/1.1\r\n${HOST}\r\n`,
  `GET /health\u0000 HTTP/1.1\r\n${HOST}\r\n`,
  `GET /caf\u00e9 HTTP/1.1\r\n${HOST}\r\n`,
  `GET /${'x'.repeat(20_000)} HTTP/1.1\r\n${HOST}\r\n`,
  `${GET}\r\n`,
  `${GET}${HOST}: no name\r\n\r\n`,
  `${GET}${HOST}Na me: x\r\n\r\n`,
  `${GET}${HOST}Name : x\r\n\r\n`,
  `${GET}${HOST}Name\r\n\r\n`,
  `${GET}${HOST}N\u00e4me: x\r\n\r\n`,
  `${GET}${HOST}Name: a\u0000b\r\n\r\n`,
  `${GET}${HOST}Name: a\rb\r\n\r\n`,
  `${GET}${HOST}Name: a\u0001b\r\n\r\n`,
  `${GET} Folded: first\r\n${HOST}\r\n`,
  `${GET}${HOST}A: ${'b'.repeat(20_000)}\r\n\r\n`,
  `${GET}${HOST}${'A: b\r\n'.repeat(20_000)}\r\n`,
  `${GET}${HOST}${'a: v\r\n'.repeat(2_100)}\r\n`,
  `${POST}Content-Length: -1\r\n\r\n`,
  `${POST}Content-Length: +5\r\n\r\n{"a"}`,
  `${POST}Content-Length: 0x5\r\n\r\n{"a"}`,
  `${POST}Content-Length: 5,5\r\n\r\n{"a"}`,
  `${POST}Content-Length: 5 5\r\n\r\n{"a"}`,
  `${POST}Content-Length: 99999999999999999999999\r\n\r\n{}`,
  `${POST}Content-Length: ${'1'.repeat(40)}\r\n\r\n{}`,
  `${POST}Content-Length:\r\n\r\n{}`,
  ...CARD_FORMS.map((form) => `${form} /health HTTP/1.1\r\n\r\n`),
  `GET /${CARD_FORMS[0]}\u0000 HTTP/1.1\r\n${HOST}\r\n`,
];

/** Two readings of one message: whatever is done, what looks like a second request inside is not answered. */
const SMUGGLED: readonly string[] = [
  `Content-Length: ${CHUNKS.length + INNER.length}\r\nTransfer-Encoding: chunked\r\n\r\n${CHUNKS}${INNER}`,
  `Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n${CHUNKS}${INNER}`,
  `Content-Length: 0\r\nContent-Length: ${INNER.length}\r\n\r\n${INNER}`,
  `Content-Length: ${INNER.length}\r\nContent-Length: 0\r\n\r\n${INNER}`,
  `Content-Length : ${INNER.length}\r\n\r\n${INNER}`,
  `Content-Length\t: ${INNER.length}\r\n\r\n${INNER}`,
  `Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n${CHUNKS}${INNER}`,
  `Transfer-Encoding: identity\r\nContent-Length: 0\r\n\r\n${INNER}`,
  `Transfer-Encoding: xchunked\r\n\r\n${CHUNKS}${INNER}`,
  `Transfer-Encoding: chunked, identity\r\n\r\n${CHUNKS}${INNER}`,
  `Transfer-Encoding: gzip, chunked\r\nContent-Length: 3\r\n\r\n${CHUNKS}${INNER}`,
  `Transfer-Encoding : chunked\r\n\r\n${CHUNKS}${INNER}`,
  `Transfer-Encoding:\u000bchunked\r\n\r\n${CHUNKS}${INNER}`,
  `Transfer-Encoding:\r\n chunked\r\nContent-Length: 4\r\n\r\n${CHUNKS}${INNER}`,
  `X: y\r\nTransfer-Encoding: chunked\nContent-Length: 4\r\n\r\n${CHUNKS}${INNER}`,
  `Transfer-Encoding: chunked\r\n\r\nxyz\r\n${INNER}`,
  `Transfer-Encoding: chunked\r\n\r\n-5\r\n${INNER}`,
  `Transfer-Encoding: chunked\r\n\r\n0x5\r\n${INNER}`,
  `Transfer-Encoding: chunked\r\n\r\n${'f'.repeat(17)}\r\n${INNER}`,
  `Transfer-Encoding: chunked\r\n\r\n5;${'x'.repeat(20_000)}\r\n${INNER}`,
  `Transfer-Encoding: chunked\r\n\r\n5\r\nabcdefgh\r\n0\r\n\r\n${INNER}`,
  `Transfer-Encoding: chunked\r\n\r\n0\r\nBad Trailer\r\n\r\n${INNER}`,
  `Transfer-Encoding: chunked\r\n\r\n0\r\n${'T: x\r\n'.repeat(10_000)}\r\n${INNER}`,
  `Transfer-Encoding: chunked\r\n\r\n5\nabcde\n0\n\n${INNER}`,
  `Content-Length: 1\n\r\n\r\n${INNER}`,
];

export const malformedKinds: readonly Kind[] = [
  { name: 'no request', weight: 35, make: ({ dice }) => refused(toBytes(dice.oneOf(BROKEN)), 1) },
  { name: 'two lengths', weight: 15, make: smuggled },
  { name: 'bytes changed', weight: 30, make: changed },
  { name: 'garbage after', weight: 12, make: garbageAfter },
];

const toBytes = (text: string | Buffer) => (typeof text === 'string' ? Buffer.from(text, 'latin1') : text);

function script(steps: readonly Step[], more: Partial<Script> = {}): Omit<Exchange, 'kind'> {
  const act: Script = { steps, methods: [], judge: () => [], limitMs: CLOSE_LIMIT_MS, ...more };
  return { needs: [], act };
}

/** Refused as no request, and told so in the form of all refusals, unless the connection is closed without a word. */
function refused(bytes: Buffer, most: number): Omit<Exchange, 'kind'> {
  return script([{ send: bytes }, { pauseMs: 20 }, { end: 'half' }], {
    methods: Array.from({ length: most }, () => 'GET'),
    judge: (answers) => answers.flatMap(unlessRefused),
  });
}

function unlessRefused(answer: Answer): string[] {
  return outcome(answer) === '400 invalid_request'
    ? []
    : [`what is no request is answered with ${outcome(answer)}`];
}

function smuggled({ dice, plan }: Draw): Omit<Exchange, 'kind'> {
  const authorization = dice.chance(0.7) ? `Authorization: Bearer ${plan.keys.a}\r\n` : '';
  const bytes = toBytes(`${POST}${authorization}${JSON_TYPE}${dice.oneOf(SMUGGLED)}`);
  return script([{ send: bytes }, { pauseMs: 20 }, { end: 'half' }], {
    methods: ['POST'],
    judge: (answers) =>
      answers.flatMap(({ status, text }) =>
        text.includes('smuggled') || status < 400
          ? [`a message of two readings is answered with ${status}: ${text}`]
          : [],
      ),
  });
}

/** A good request with some bytes of its head changed: it may still be one. */
function changed(draw: Draw): Omit<Exchange, 'kind'> {
  const { dice, plan } = draw;
  const good = dice.chance(0.5) ? ownPayment(draw, []) : keyed(plan, 'a', 'GET', '/payments?limit=1');
  const bytes = [...bytesOf(good)];
  for (let times = dice.between(1, 4); times > 0; times--) {
    const at = dice.below(bytes.length);
    const odd = dice.oneOf([0, 9, 10, 13, 32, 34, 37, 44, 47, 58, 59, 63, 127, 128, 255]);
    const instead = dice.oneOf([[], [odd], [odd, bytes[at] as number], [13, 10], [dice.below(256)]]);
    bytes.splice(at, 1, ...instead);
  }
  // What is left over after a shorter head may be read as more.
  return script([{ send: Buffer.from(bytes) }, { pauseMs: 20 }, { end: 'half' }], {
    methods: [good.method, 'GET'],
  });
}

/** The good one may be answered, or cut with the rest; nobody may take the refusal of the garbage for its answer. */
function garbageAfter(draw: Draw): Omit<Exchange, 'kind'> {
  const { dice, plan } = draw;
  const good = dice.oneOf([
    ownPayment(draw, [['Prefer', `wait=${dice.below(3)}`]]),
    keyed(plan, 'a', 'GET', '/payments?limit=1'),
    keyed(plan, 'a', 'GET', '/payments/none'),
    keyed(plan, 'a', 'GET', '/simulator/challenges/none'),
    keyed(plan, 'a', 'POST', '/simulator/challenges/none', { body: Buffer.from('decision=accept') }),
  ]);
  const rest = toBytes(dice.oneOf(BROKEN));
  const steps: Step[] = dice.chance(0.5)
    ? [{ send: Buffer.concat([bytesOf(good), rest]) }]
    : [{ send: bytesOf(good) }, { pauseMs: dice.below(30) }, { send: rest }];
  return script([...steps, { pauseMs: 20 }, { end: 'half' }], {
    methods: [good.method, 'GET'],
    paths: [good.target],
    judge: ([first, second]) => {
      const faults = second ? unlessRefused(second) : [];
      const taken = first && outcome(first) === '400 invalid_request';
      return taken
        ? [...faults, 'the refusal of what follows stands where the answer to the good request should']
        : faults;
    },
  });
}
