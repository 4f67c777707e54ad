import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CallOptions, filesOf, type RunningService, startService } from './service.fixture.ts';

/** Never issued; each stands for one way in, so that a find tells which way it was. */
const CARD = '4242424242424242';
const CARDS = [CARD, '5555555555554444', '378282246310005', '6011111111111117', '30569309025904'];
/** 19 digits: as a number it loses its last ones in parsing. */
const LONG_CARD = '6205500000000000004';
const SPACED = '4242 4242 4242 4242';
const DASHED = '4242-4242-4242-4242';
const FULLWIDTH = '４２４２４２４２４２４２４２４２';
const ESCAPED = `${'\\u0034\\u0032'.repeat(8)}`;
const PERCENT = '%34%32'.repeat(8);

let service: RunningService;

beforeAll(async () => {
  service = await startService();
  await service.pay({ payment_id: 'done' });
  await service.pay({ payment_id: 'held', capture_method: 'manual' });
});
afterAll(() => service.stop());

async function codeOf(method: string, path: string, options: CallOptions = {}): Promise<unknown> {
  const { json } = await service.call(method, path, options);
  return json.code;
}

const asJson = (raw: string): CallOptions => ({ raw, headers: { 'Content-Type': 'application/json' } });

describe('a card number is refused in the body', () => {
  const places: [string, (card: string) => object][] = [
    ['payment_id', (card) => ({ payment_id: card })],
    ['currency', (card) => ({ currency: card })],
    ['payment_method', (card) => ({ payment_method: card })],
    ['capture_method', (card) => ({ capture_method: card })],
    ['description', (card) => ({ description: `paid with ${card}.` })],
    ['a metadata value', (card) => ({ metadata: { note: card } })],
    ['a metadata key', (card) => ({ metadata: { [card]: 'x' } })],
    ['return_url', (card) => ({ return_url: `https://shop.example/?card=${card}` })],
    ['an unknown field', (card) => ({ [card]: 1 })],
    ['the value of an unknown field', (card) => ({ card: { number: [card] } })],
    ['amount as text', (card) => ({ amount: card })],
  ];
  it.each(places)('as %s', async (_, place) => {
    for (const card of [...CARDS, LONG_CARD, SPACED, DASHED, FULLWIDTH]) {
      const body = { amount: 1000, ...place(card) };
      expect(await codeOf('POST', '/payments', { body })).toBe('card_number_detected');
    }
  });

  it.each([
    ['amount as a number', `{"amount":${CARD}}`],
    ['amount as a negative number', `{"amount":-${CARD}}`],
    ['amount with an exponent', '{"amount":4.242424242424242e15}'],
    ['amount with a fraction', `{"amount":${CARD}.0}`],
    ['a number that loses digits in parsing', `{"amount":${LONG_CARD}}`],
    ['a number in an unknown field', `{"amount":1,"x":[[${CARD}]]}`],
    ['escaped digits', `{"amount":1,"description":"${ESCAPED}"}`],
    ['one escaped digit', '{"amount":1,"description":"\\u0034242424242424242"}'],
    ['an escaped key', `{"amount":1,"${ESCAPED}":1}`],
    ['escaped fullwidth digits', `{"amount":1,"description":"${'\\uff14\\uff12'.repeat(8)}"}`],
    [
      'a field that a later one of the same name replaces',
      `{"amount":1,"description":"${CARD}","description":"x"}`,
    ],
    ['the same, escaped', `{"amount":1,"description":"${ESCAPED}","description":"x"}`],
    ['a body that is only that', `"${CARD}"`],
    ['a body that is only that number', CARD],
    ['a line of its own', `{"amount":1,"description":"a\\n${CARD}\\n"}`],
  ])('as %s', async (_, raw) => {
    expect(await codeOf('POST', '/payments', asJson(raw))).toBe('card_number_detected');
  });

  it.each(['/payments/held/capture', '/payments/held/cancel', '/payments/done/refunds'])(
    'of %s',
    async (path) => {
      for (const body of [{ reason: CARD }, { amount: Number(CARD) }, { refund_id: CARD }, { [CARD]: 1 }]) {
        expect(await codeOf('POST', path, { body })).toBe('card_number_detected');
      }
    },
  );
});

describe('a card number is refused in the head', () => {
  it.each([
    CARD,
    SPACED.replaceAll(' ', '%20'),
    DASHED,
    PERCENT,
    `${CARD}%zz`,
    encodeURIComponent(FULLWIDTH),
    `${encodeURIComponent(FULLWIDTH)}%zz`,
    `a:${CARD}`,
  ])('in the path: %s', async (id) => {
    for (const rest of ['', '/history', '/refunds', '/refunds/x']) {
      expect(await codeOf('GET', `/payments/${id}${rest}`)).toBe('card_number_detected');
    }
    expect(await codeOf('GET', `/payments/done/refunds/${id}`)).toBe('card_number_detected');
    expect(await codeOf('POST', `/payments/${id}/capture`)).toBe('card_number_detected');
    expect(await codeOf('POST', `/callbacks/${id}`, { raw: '{}' })).toBe('card_number_detected');
  });

  it.each([
    `status=${CARD}`,
    `cursor=${CARD}`,
    `${CARD}=1`,
    `x=${PERCENT}`,
    `x=${SPACED.replaceAll(' ', '+')}`,
  ])('in the query: %s', async (query) => {
    expect(await codeOf('GET', `/payments?${query}`)).toBe('card_number_detected');
    expect(await codeOf('GET', `/health?${query}`)).toBe('card_number_detected');
  });

  it.each([
    ['Idempotency-Key', CARD],
    ['Idempotency-Key', `"${SPACED}"`],
    ['Idempotency-Key', `order ${DASHED}`],
    ['Prefer', `wait=${CARD}`],
    ['Prefer', `wait=1; card="${CARD}"`],
    ['Content-Type', `application/json; x=${CARD}`],
    ['Accept', `application/json;x=${CARD}`],
  ])('in %s: %s', async (name, value) => {
    const answer = await service.pay({}, { headers: { [name]: value } });
    expect(answer.json).toMatchObject({ code: 'card_number_detected' });
  });

  it('or refused before it is looked for, and not repeated either', async () => {
    expect(await codeOf('GET', `/nowhere/${CARD}`)).toBe('not_found');
    expect(await codeOf('GET', `/nowhere/${PERCENT}`)).toBe('not_found');
    expect(await codeOf('GET', `/nowhere/${encodeURIComponent(FULLWIDTH)}`)).toBe('not_found');
    expect(await codeOf('DELETE', `/payments/${CARD}`)).toBe('method_not_allowed');
    expect(await codeOf('GET', '/payments', { key: CARD })).toBe('invalid_key');
    expect(await codeOf('POST', '/payments', asJson(`{"amount":${CARD}`))).toBe('malformed_json');
    const headers = { 'Content-Type': `text/plain; x=${CARD}` };
    expect(await codeOf('POST', '/payments', { raw: '{}', headers })).toBe('unsupported_media_type');
    expect(await codeOf('GET', '/payments', { headers: { Accept: `text/html;x=${CARD}` } })).toBe(
      'not_acceptable',
    );
    expect(await codeOf('POST', '/payments', asJson(`{"a":"${CARD}"}`.padEnd(9_000)))).toBe('body_too_large');
    for (const page of ['GET', 'POST'].map((method) =>
      service.call(method, `/simulator/challenges/${CARD}`),
    )) {
      expect((await page).status).toBe(404);
    }
  });

  it('in headers that are not read it is not looked at, and not kept', async () => {
    const headers = { 'X-Card': CARD, Cookie: CARD, 'User-Agent': CARD, Referer: `https://x/${CARD}` };
    expect((await service.pay({ payment_id: 'unread' }, { headers })).status).toBe(201);
  });

  it('in a call-back it is passed on unread, refused, and not kept', async () => {
    const headers = { 'webhook-id': CARD, 'webhook-timestamp': CARD, 'webhook-signature': `v1,${CARD}` };
    expect(await codeOf('POST', '/callbacks/simulator', { raw: `{"card":"${CARD}"}`, headers })).toBe(
      'invalid_signature',
    );
  });
});

describe('what only looks like one is taken', () => {
  it.each([
    '4242424242424241',
    'order_4242424242424242',
    'x4242424242424242',
    '1234567890123456',
    'f47ac10b-58cc-4372-8567-0e02b2c3d479',
    '20260131120000',
  ])('%s', async (text) => {
    const answer = await service.pay({
      payment_id: `id-${text}`.slice(0, 64).replace(/^id-(?=\d)/, 'id_'),
      description: text,
    });
    expect(answer.status).toBe(201);
  });
});

/** As text, spelled in any way that was sent, with nothing between the digits or what was there. */
const TRACES = [
  ...CARDS,
  LONG_CARD,
  SPACED,
  DASHED,
  FULLWIDTH,
  ESCAPED,
  PERCENT,
  '4.242424242424242e15',
].flatMap((text) => [text, encodeURIComponent(text)].map((spelling) => Buffer.from(spelling)));

describe('afterwards a card number is found nowhere', () => {
  it('in no file of the data folder: payments, their log, the simulator, the audit', async () => {
    // What only looks like one was stored on purpose, and holds a number.
    const files = filesOf(service.folder).map(({ path, bytes }) => ({
      path,
      bytes: Buffer.from(
        bytes.toString('latin1').replaceAll(/order_4242424242424242|x4242424242424242/g, ''),
        'latin1',
      ),
    }));
    const names = files.map(({ path }) => path.slice(service.folder.length + 1));
    for (const name of ['tollgate.db', 'tollgate.db-wal', 'simulator.db', 'demo-api-key'])
      expect(names).toContain(name);
    expect(names.some((name) => name.startsWith('audit/'))).toBe(true);
    for (const { path, bytes } of files) {
      for (const trace of TRACES) expect([path, bytes.includes(trace)]).toEqual([path, false]);
    }
    expect(files.some(({ bytes }) => bytes.includes('unread'))).toBe(true);
  });

  it('in no line of the log, no answer and no metric', async () => {
    const metrics = (await service.call('GET', '/metrics')).text;
    const answered = service.answered().replaceAll(/order_4242424242424242|x4242424242424242/g, '');
    for (const text of [await service.logged(), answered, metrics]) {
      expect(text.length).toBeGreaterThan(1_000);
      for (const trace of TRACES) expect(text.includes(trace.toString())).toBe(false);
    }
  });
});
