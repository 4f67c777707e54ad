import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Ran, runIn } from '../../src/cli/cli.fixture.ts';
import { createCallbackSigner } from '../../src/connectors/simulator/callback-signature.ts';
import { filesOf } from '../http/service.fixture.ts';
import { CARDS, createSearch, MARKER, SECURITY_CODES, spellings } from './canaries.ts';
import { type CapturedServer, startCapturedServer } from './captured-server.ts';

interface Reply {
  status: number;
  text: string;
}

let parent: string;
let folder: string;
let server: CapturedServer;
let key: string;
let callbackSecret: string;
/** All that came back over HTTP, heads and bodies, and all that commands printed. */
const answered: string[] = [];
const printed: string[] = [];
const backup = () => join(parent, 'backup');

beforeAll(async () => {
  parent = mkdtempSync(join(tmpdir(), 'tollgate-canary-'));
  folder = join(parent, 'data');
  mkdirSync(folder, { mode: 0o700 });
  server = await startCapturedServer(folder);
  key = readFileSync(join(folder, 'demo-api-key'), 'utf8').trim();
  callbackSecret = JSON.parse(readFileSync(join(folder, 'secrets.json'), 'utf8')).callback_secrets.simulator;
  await pay({ payment_id: 'done' });
  await pay({ payment_id: 'held', capture_method: 'manual' });
  await pay({ payment_id: 'asked', payment_method: 'pm_card_authenticationRequired' });
});
afterAll(async () => {
  await server.stop();
  rmSync(parent, { recursive: true });
});

interface Sent {
  body?: string | Buffer;
  headers?: Record<string, string>;
}

function send(method: string, path: string, { body, headers = {} }: Sent = {}): Promise<Reply> {
  const all = { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json', ...headers };
  return new Promise((resolve, reject) => {
    const outgoing = request(new URL(server.url), { method, path, headers: all }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        answered.push(incoming.rawHeaders.join('\n'), text);
        resolve({ status: incoming.statusCode as number, text });
      });
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

const post = (path: string, fields: object, headers: Record<string, string> = {}) =>
  send('POST', path, { body: JSON.stringify(fields), headers });

const pay = (fields: object) => post('/payments', { amount: 1000, ...fields }, { Prefer: 'wait=20' });

async function run(argv: readonly string[], input?: string): Promise<Ran> {
  const ran = await runIn({ DATA_DIR: folder }, argv, input);
  printed.push(ran.out, ran.err);
  return ran;
}

const codeOf = ({ text }: Reply): unknown => JSON.parse(text).code;

/** What Node lets through in the head of a request: others go percent-encoded, or not at all. */
const inHead = encodeURIComponent;
const isAscii = (text: string) => Buffer.byteLength(text) === text.length;

describe('a card number, however it is written,', () => {
  it('is refused in every text and every number of a body, as a key and as a value', async () => {
    for (const card of spellings()) {
      const bodies = [
        { amount: 1, description: `${MARKER} ${card}` },
        { amount: 1, metadata: { [MARKER]: card } },
        { amount: 1, metadata: { [card]: MARKER } },
        { amount: 1, payment_id: card, description: MARKER },
        { amount: 1, payment_method: card, description: MARKER },
        { amount: 1, return_url: `https://shop.example/${MARKER}?card=${card}` },
        { amount: 1, [MARKER]: [{ [card]: card }] },
      ];
      for (const body of bodies) expect(codeOf(await post('/payments', body))).toBe('card_number_detected');
      for (const path of ['held/cancel', 'held/capture', 'done/refunds']) {
        const answer = await post(`/payments/${path}`, { reason: `${MARKER} ${card}` });
        expect(codeOf(answer)).toBe('card_number_detected');
      }
    }
    for (const card of Object.values(CARDS)) {
      const raw = { body: `{"amount":${card},"description":"${MARKER}"}` };
      expect(codeOf(await send('POST', '/payments', raw))).toBe('card_number_detected');
    }
  });

  it('is kept nowhere out of a path, a query, or a header, read or not', async () => {
    for (const card of spellings()) {
      const encoded = inHead(card);
      await send('GET', `/payments/${encoded}`);
      await send('POST', `/payments/${encoded}/capture`, { body: '{}' });
      await send('GET', `/payments?cursor=${encoded}`);
      await send('GET', `/payments?${encoded}=1`);
      await send('GET', `/nowhere/${encoded}`);
      await send('GET', `/simulator/challenges/${encoded}?card=${encoded}`);
      if (!isAscii(card)) continue;
      for (const name of ['Idempotency-Key', 'Prefer', 'Accept', 'Content-Type', 'Authorization']) {
        await post('/payments', { amount: 0 }, { [name]: card });
      }
      for (const name of ['Cookie', 'User-Agent', 'Referer', 'X-Request-Id', 'Forwarded']) {
        await send('GET', '/payments/done', { headers: { [name]: card } });
      }
      await send('DELETE', `/payments/${encoded}`);
    }
  });

  it('is kept nowhere out of a call-back, forged or genuine, nor out of the page of a challenge', async () => {
    const signer = createCallbackSigner(callbackSecret);
    const { next_action } = JSON.parse((await send('GET', '/payments/asked')).text);
    const page = new URL(next_action.url).pathname;
    for (const card of Object.values(CARDS)) {
      const data = { merchant_id: card, livemode: false, payment_id: card, operation_id: card };
      const body = JSON.stringify({ type: card, data, card: { number: card, cvc: '737', [MARKER]: 1 } });
      const nowSeconds = Math.floor(Date.now() / 1_000);
      const genuine = await send('POST', '/callbacks/simulator', {
        body,
        headers: signer.sign(card, nowSeconds, body),
      });
      expect(genuine.status).toBe(200);
      await send('POST', '/callbacks/simulator', { body, headers: { 'webhook-id': card } });
      const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
      await send('POST', page, { body: `card=${card}&decision=${card}`, headers: form });
      await send('POST', page, { body: `decision=maybe&${MARKER}=${card}`, headers: form });
      await send('GET', `${page}?card=${card}`);
    }
    expect(JSON.parse((await send('GET', '/payments/asked')).text).status).toBe('requires_action');
  });
});

describe('a security code', () => {
  it.each(SECURITY_CODES)('is refused as %j', async (fields) => {
    expect(codeOf(await post('/payments', { amount: 1, ...fields }))).toBe('invalid_request');
  });

  it('is refused as the reason of an operation', async () => {
    for (const path of ['held/cancel', 'done/refunds'])
      expect(codeOf(await post(`/payments/${path}`, { reason: `${MARKER}, cvc 737` }))).toBe(
        'invalid_request',
      );
  });
});

describe('on the command line', () => {
  it('a card number or a security code is refused as an argument', async () => {
    const options = ['payment-id', 'description', 'payment-method', 'return-url', 'currency', 'amount'];
    for (const [n, card] of spellings().entries()) {
      const option = options[n % options.length];
      const ran = await run(['payments', 'create', '--amount', '5', `--${option}`, card]);
      expect([ran.exit, ran.out]).toEqual([2, '']);
      await run(['payments', 'show', card]);
      await run(['refund', 'done', '--reason', `${MARKER} ${card}`]);
      await run(['keys', 'create', '--merchant', card, '--mode', 'test']);
      await run([card]);
    }
    const ran = await run(['payments', 'create', '--amount', '5', '--metadata', 'cvc=737']);
    expect([ran.exit, ran.err]).toEqual([2, expect.stringContaining('security code')]);
  });

  it('is refused in the rows of an import, which go on without it', async () => {
    const rows = spellings().flatMap((card, n) => [
      { payment_id: `row-${n}a`, amount: 5, description: `${MARKER} ${card}` },
      { payment_id: card, amount: 5, description: MARKER },
      { payment_id: `row-${n}b`, amount: 5, metadata: { [card]: MARKER } },
      { payment_id: `row-${n}c`, amount: card, description: MARKER },
    ]);
    const codes = SECURITY_CODES.map((fields, n) => ({ payment_id: `code-${n}`, amount: 5, ...fields }));
    const lines = [...rows, ...codes, { payment_id: 'imported', amount: 5 }].map((row) =>
      JSON.stringify(row),
    );
    const ndjson = await run(['payments', 'create', '--json'], lines.join('\n'));
    expect(ndjson.json()).toMatchObject({ accepted: 1, refused: lines.length - 1 });

    const cells = spellings().flatMap((card, n) => [`c-${n},5,${MARKER} ${card},`, `${card},5,${MARKER},`]);
    const csv = ['payment_id,amount,description,metadata.cvv', ...cells, `csv-cvv,5,${MARKER},737`];
    const ran = await run(['payments', 'create'], csv.join('\n'));
    expect(ran.out).toMatch(new RegExp(`^${csv.length - 1} rows: 0 accepted`));
    for (const card of [spellings().at(0), spellings().at(-1)]) {
      await run(['payments', 'create'], `payment_id,amount,${card}\na,5,${MARKER}`);
      await run(['payments', 'create', '--from', join(folder, `${card}`)]);
    }
  });
});

/** What a failed search would name: all forms of all cards, the marker, and every secret but of the demo key. */
function search() {
  const secrets = [key, callbackSecret.slice('whsec_'.length)].map((text) => text.slice(-40));
  return { everything: createSearch(secrets), cards: createSearch([]) };
}

describe('afterwards none of it is found', () => {
  it('by a search that finds what is there, in whatever form', () => {
    const find = createSearch(['s3cr3t']);
    for (const text of [...spellings(), MARKER, 's3cr3t']) {
      const bytes = Buffer.from(text);
      const forms = [text, bytes.toString('hex'), encodeURIComponent(text), JSON.stringify({ a: [text] })];
      for (let shift = 0; shift < 3; shift += 1)
        forms.push(Buffer.concat([Buffer.alloc(shift, 'x'), bytes, Buffer.from('xyz')]).toString('base64'));
      for (const form of forms)
        expect([form, find(Buffer.from(`a ${form} b`)).length > 0]).toEqual([form, true]);
      expect(find(Buffer.from(text, 'utf16le'))).not.toEqual([]);
    }
    expect(find(Buffer.from('4111.1111_1111/1111'))).toEqual([CARDS.visa]);
    expect(find(Buffer.from('nothing of the kind, 1000 4111'))).toEqual([]);
  });

  it('in what the commands print of it all: payments, history, the audit log, a backup', async () => {
    for (const argv of [
      ['payments', 'list', '--json', '--limit', '100'],
      ['payments', 'show', 'done', '--json'],
      ['audit', 'verify'],
      ['audit', 'export'],
      ['keys', 'list', '--json'],
      ['doctor', '--compare'],
      ['dead-letters', 'list'],
      ['backup', backup(), '--with-simulator'],
    ]) {
      const ran = await run(argv);
      expect([argv, ran.err]).toEqual([argv, '']);
    }
    expect(printed.join('\n')).toContain('done');
    expect(search().everything(Buffer.from(printed.join('\n')))).toEqual([]);
  });

  it('in an answer or a metric', async () => {
    answered.push((await send('GET', '/metrics')).text);
    const all = answered.join('\n');
    expect(all.length).toBeGreaterThan(100_000);
    expect(search().everything(Buffer.from(all))).toEqual([]);
  });

  it('in a file of the data folder, while the server runs, in its backup, and after it has stopped', async () => {
    const { everything, cards } = search();
    const searched = () => {
      for (const { path, bytes } of filesOf(parent)) {
        // The two files that are there to hold a secret, and their copy.
        const find = /demo-api-key|secrets\.json/.test(path) ? cards : everything;
        const plain = path.endsWith('.gz') ? gunzipSync(bytes) : bytes;
        expect([path, find(plain)]).toEqual([path, []]);
      }
    };
    const names = filesOf(parent).map(({ path }) => path.slice(parent.length + 1));
    for (const name of [
      'data/tollgate.db',
      'data/tollgate.db-wal',
      'data/simulator.db',
      'backup/simulator.db',
    ])
      expect(names).toContain(name);
    expect(names.some((name) => name.startsWith('data/audit/'))).toBe(true);
    searched();
    await server.stop();
    searched();
  });

  it('in what the server printed at its most talkative, but for the demo key at the first start', () => {
    const all = server.printed().toString('utf8');
    expect(all.length).toBeGreaterThan(50_000);
    const [banner, ...lines] = all.split('"msg":"ready"');
    expect([banner?.includes(key), lines.length]).toEqual([true, 1]);
    expect(search().everything(Buffer.from(lines.join('')))).toEqual([]);
    expect(search().cards(Buffer.from(banner ?? ''))).toEqual([]);
  });
});
