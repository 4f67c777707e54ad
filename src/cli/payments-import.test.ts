import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTestCli, type TestCli } from './cli.fixture.ts';

let cli: TestCli;
beforeEach(() => {
  cli = createTestCli();
});
afterEach(() => cli.remove());

const IMPORT = 'payments create --merchant shop';
const CSV =
  'payment_id,amount,currency,description,metadata.order\na,1000,EUR,"a ""gift"", wrapped",7\nb,5,,,\n';

async function shown(id: string): Promise<Record<string, unknown>> {
  return (await cli.run(`payments show ${id} --merchant shop --json`)).json();
}

/** What is told of refused rows, as JSON lines. */
async function refusedRows(input: string | Buffer, flags = ''): Promise<Record<string, unknown>[]> {
  const ran = await cli.run(`${IMPORT} --json${flags}`, input);
  expect(ran.exit).toBe(1);
  const lines = ran.err
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  return lines.filter((line) => 'line' in line || 'more_refused' in line);
}

describe('rows', () => {
  it('of CSV become payments, with empty fields absent and a column for each member of metadata', async () => {
    const ran = await cli.run(IMPORT, CSV);
    expect([ran.exit, ran.out]).toEqual([0, '2 rows: 2 accepted, 0 already there, 0 refused.\n']);
    expect(ran.err).toMatch(/will be processed when a server runs/);
    expect(await shown('a')).toMatchObject({
      amount: 1000,
      currency: 'eur',
      description: 'a "gift", wrapped',
      metadata: { order: '7' },
    });
    expect(await shown('b')).toMatchObject({ amount: 5, currency: 'usd', description: null, metadata: {} });
  });

  it('of NDJSON too, with amounts as numbers or text', async () => {
    const ndjson =
      '\n{"payment_id":"a","amount":"1000","metadata":{"k":"v"}}\n\n{"payment_id":"b","amount":5,"metadata.k":"v","currency":null}';
    const ran = await cli.run(`${IMPORT} --json`, ndjson);
    expect(ran.json()).toEqual({
      merchant_id: 'shop',
      livemode: false,
      rows: 2,
      accepted: 2,
      already_there: 0,
      refused: 0,
    });
    expect(await shown('a')).toMatchObject({ amount: 1000, metadata: { k: 'v' } });
    expect(await shown('b')).toMatchObject({ amount: 5, metadata: { k: 'v' } });
  });

  it.each([
    ['semicolons', 'payment_id;amount;description\na;5;"x;y"\n'],
    ['tabs', 'payment_id\tamount\tdescription\na\t5\tx;y\n'],
    ['CR LF and a byte order mark', '\ufeffpayment_id,amount,description\r\na,5,x;y\r\n\r\n'],
    ['spaces and no line end', 'payment_id , amount, description\na , 5, x;y'],
  ])('may be CSV with %s', async (_, input) => {
    expect((await cli.run(`${IMPORT} --json`, input)).json()).toMatchObject({ accepted: 1, refused: 0 });
    expect(await shown('a')).toMatchObject({ amount: 5, description: 'x;y' });
  });

  it('come from a file too', async () => {
    mkdirSync(cli.folder, { mode: 0o700 });
    const path = join(cli.folder, 'rows.csv');
    writeFileSync(path, CSV);
    expect((await cli.run(`${IMPORT} --json --from ${path}`)).json()).toMatchObject({ accepted: 2 });
    expect((await cli.run(`${IMPORT} --from ${cli.folder}`)).err).toMatch(/is a folder/);
    expect((await cli.run(`${IMPORT} --from ${path}.none`)).exit).toBe(2);
  });

  it('given twice charge nobody twice, within a file and over two', async () => {
    const twice = `${CSV}a,1000,EUR,"a ""gift"", wrapped",7\n`;
    expect((await cli.run(`${IMPORT} --json`, twice)).json()).toMatchObject({
      rows: 3,
      accepted: 2,
      already_there: 1,
    });
    const again = await cli.run(`${IMPORT} --json`, twice);
    expect([again.exit, again.err]).toEqual([0, '']);
    expect(again.json()).toMatchObject({ rows: 3, accepted: 0, already_there: 3, refused: 0 });
    await cli.serveOnce();
    expect((await cli.run('payments list --merchant shop --json')).json().data).toHaveLength(2);
  });

  it('are the requests of the API: a payment made there is already there', async () => {
    await cli.run('payments create --merchant shop --amount 5 --payment-id b');
    expect((await cli.run(`${IMPORT} --json`, CSV)).json()).toMatchObject({ accepted: 1, already_there: 1 });
  });

  it('more than one batch of them are all accepted, each once', async () => {
    const rows = Array.from({ length: 700 }, (_, n) => `p${n},${n + 1}`);
    expect((await cli.run(`${IMPORT} --json`, `payment_id,amount\n${rows.join('\n')}`)).json()).toMatchObject(
      { accepted: 700 },
    );
    await cli.serveOnce();
    const compared = (await cli.run('doctor --compare --json')).json();
    expect(compared).toMatchObject({
      ok: true,
      compare: { payments: 700, holdings: [{ ours: '245350', psp: '245350' }] },
    });
  });
});

describe('a row is refused, and named by its line,', () => {
  it.each([
    ['without an id', 'payment_id,amount\n,5\n', 2, /no payment_id.*charge again/],
    ['with a false amount', 'payment_id,amount\na,5\nb,5.50\n', 3, /amount: must be a whole number/],
    ['with too few fields', 'payment_id,amount,currency\na,5\n', 2, /has 2 fields, and the header line 3/],
    [
      'with bytes that are no UTF-8',
      Buffer.from('payment_id,amount,description\na,5,caf\xe9\n', 'latin1'),
      2,
      /UTF-8/,
    ],
    ['after one that goes over two lines', 'payment_id,amount,description\na,5,"x\ny"\nb,z,\n', 4, /amount/],
    ['which goes over two lines', 'payment_id,amount,description\na,0,"x\ny"\n', 2, /amount: is 0/],
    ['that is no JSON', '{"payment_id":"a","amount":5}\nnonsense\n', 2, /is not JSON/],
    ['that is no object', '{"payment_id":"a","amount":5}\n[1]\n', 2, /not a JSON object/],
    ['with an unknown field', '{"payment_id":"a","amount":5,"colour":"red"}', 1, /colour: is not a field/],
    ['with metadata in two ways', '{"payment_id":"a","amount":5,"metadata":{},"metadata.k":"v"}', 1, /both/],
    ['with a name of JavaScript', '{"payment_id":"a","amount":5,"__proto__":{"x":1}}', 1, /__proto__/],
    [
      'that is too long',
      `{"payment_id":"a","amount":5}\n{"description":"${'x'.repeat(200_000)}"}\n`,
      2,
      /longer than/,
    ],
  ])('%s', async (_, input, line, why) => {
    const [refused, ...others] = await refusedRows(input);
    expect(refused).toMatchObject({ line, code: expect.any(String), detail: expect.stringMatching(why) });
    expect(others).toEqual([]);
  });

  it('that has the id of another payment', async () => {
    await cli.run(IMPORT, CSV);
    const [refused] = await refusedRows(CSV.replace('1000', '1001'));
    expect(refused).toMatchObject({ line: 2, payment_id: 'a', code: 'idempotency_mismatch' });
    expect(await shown('a')).toMatchObject({ amount: 1000 });
  });

  it('and the others are accepted', async () => {
    const ran = await cli.run(IMPORT, 'payment_id,amount\na,5\nb,x\nc,6\n');
    expect([ran.exit, ran.out]).toEqual([1, '3 rows: 2 accepted, 0 already there, 1 refused.\n']);
    expect(ran.err).toMatch(/^line 3 \(b\): amount: must be/);
  });

  it('twenty times at most; the rest is counted', async () => {
    const rows = Array.from({ length: 57 }, (_, n) => `p${n},x`);
    const told = await refusedRows(`payment_id,amount\n${rows.join('\n')}\n`);
    expect(told.length).toBe(21);
    expect(told.at(-1)).toEqual({ more_refused: 37 });
  });

  it('for a quote that is never closed, and the rest is not read', async () => {
    const told = await refusedRows('payment_id,amount,description\na,5,x\nb,5,"x\nc,5,x\n');
    expect(told).toMatchObject([{ detail: expect.stringMatching(/not closed.*not read/) }]);
    expect(await shown('a')).toMatchObject({ amount: 5 });
  });
});

describe('a card number in a row', () => {
  const PAN = '4242424242424242';

  it.each([
    ['a value', `payment_id,amount,description\na,5,card ${PAN}\n`],
    ['an id', `payment_id,amount\n${PAN},5\n`],
    ['an amount', `payment_id,amount\na,${PAN}\n`],
    ['groups', 'payment_id,amount,description\na,5,4242 4242 4242 4242\n'],
    ['a JSON number', `{"payment_id":"a","amount":${PAN}}`],
    ['escapes', `{"payment_id":"a","amount":5,"description":"${PAN.replace(/4/g, '\\u0034')}"}`],
    ['a name', `{"payment_id":"a","amount":5,"metadata":{"${PAN}":"x"}}`],
    ['what is not JSON', `{"payment_id":"a","amount":5, ${PAN}`],
  ])('as %s is refused, repeated nowhere and stored nowhere', async (_, input) => {
    const ran = await cli.run(`${IMPORT} --json`, input);
    expect(ran.exit).toBe(1);
    expect(ran.err).toMatch(/card_number_detected/);
    expect(ran.out + ran.err).not.toMatch(/4242/);
    for (const name of readdirSync(cli.folder)) {
      if (name !== 'audit') expect(readFileSync(join(cli.folder, name)).includes(PAN)).toBe(false);
    }
  });

  it('as the name of a column ends it, and is not repeated', async () => {
    const ran = await cli.run(IMPORT, `payment_id,amount,${PAN}\na,5,x\n`);
    expect(ran.exit).toBe(2);
    expect(ran.err).not.toMatch(/4242/);
  });
});

describe('input that cannot be rows', () => {
  it.each([
    ['payment_id,amount,colour\n', /"colour" in column 3. Known are payment_id/],
    ['amount\n5\n', /lacks payment_id/],
    ['payment_id,amount,amount\n', /"amount" twice/],
    ['', /Standard input is empty/],
    ['\n \n', /Standard input is empty/],
  ])('%j is refused before anything is accepted', async (input, why) => {
    const ran = await cli.run(IMPORT, input);
    expect([ran.exit, ran.out]).toEqual([2, '']);
    expect(ran.err).toMatch(why);
  });

  it('is none where it was asked for by name', async () => {
    const ran = await cli.run(`${IMPORT} --from - --json`, '');
    expect([ran.exit, ran.json().rows]).toEqual([0, 0]);
  });

  it('is taken in the format that is asked for', async () => {
    expect(await refusedRows('payment_id,amount\na,5\n', ' --format ndjson')).toMatchObject([
      { line: 1 },
      { line: 2 },
    ]);
  });
});
