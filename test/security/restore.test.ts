import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runIn } from '../../src/cli/cli.fixture.ts';
import { parseConfig } from '../../src/config.ts';
import { type RunningServer, serve } from '../../src/entrypoints/serve.ts';
import { FILES } from '../../src/wiring.ts';

let parent: string;
let data: string;
let key: string;
let server: RunningServer;
const backup = () => join(parent, 'backup');

const silent = () => undefined;
const LOGGER = { debug: silent, info: silent, warn: silent, error: silent, flush: silent, write: silent };

function start(): Promise<RunningServer> {
  return serve(parseConfig({ PORT: '0', DATA_DIR: data }), silent, LOGGER);
}

interface Reply {
  status: number;
  replayed: boolean;
  json: Record<string, unknown>;
}

async function ask(path: string, body?: object): Promise<Reply> {
  const answer = await fetch(`${server.url}${path}`, {
    method: body ? 'POST' : 'GET',
    headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json', Prefer: 'wait=20' },
    ...(body && { body: JSON.stringify(body) }),
  });
  const replayed = answer.headers.get('idempotent-replayed') === 'true';
  return { status: answer.status, replayed, json: (await answer.json()) as Record<string, unknown> };
}

async function run(line: string) {
  const ran = await runIn({ DATA_DIR: data }, line.split(' '));
  return { ...ran, json: ran.out.startsWith('{') ? ran.json() : {} };
}

const SEVERAL = Array.from({ length: 8 }, (_, n) => ({ payment_id: `order-${n}`, amount: 1_000 + n }));
const LATER = { payment_id: 'after-the-backup', amount: 700 };

beforeAll(async () => {
  parent = mkdtempSync(join(tmpdir(), 'tollgate-restore-'));
  data = join(parent, 'data');
  server = await start();
  key = readFileSync(join(data, 'demo-api-key'), 'utf8').trim();
  for (const fields of SEVERAL) expect((await ask('/payments', fields)).json.status).toBe('completed');
  await ask('/payments/order-0/refunds', { refund_id: 'r1', amount: 400 });
});
afterAll(async () => {
  await server.stop();
  rmSync(parent, { recursive: true });
});

describe('a backup that was made beside the running server, after the folder was lost', () => {
  let noted: string;
  let before: Record<string, unknown>;

  it('is whole', async () => {
    const made = await run(`backup ${backup()} --json`);
    expect([made.exit, made.err]).toEqual([0, '']);
    noted = String((made.json.audit as { hash: string }).hash);
    before = (await ask('/payments/order-0')).json;
    // What came after it is what a backup cannot have.
    expect((await ask('/payments', LATER)).status).toBe(201);
    await server.stop();
    const psp = readFileSync(join(data, FILES.simulator));
    rmSync(data, { recursive: true });
    cpSync(backup(), data, { recursive: true });
    // The PSP is another company: it has lost nothing.
    writeFileSync(join(data, FILES.simulator), psp);
    server = await start();
  });

  it('serves what it held, to the keys that it held', async () => {
    expect((await ask('/payments/order-0')).json).toEqual(before);
    const { json } = await ask('/payments?limit=100');
    expect((json.data as object[]).length).toBe(SEVERAL.length);
    expect((await ask(`/payments/${LATER.payment_id}`)).status).toBe(404);
  });

  it('charges nobody again: what it held is replayed, and bounds still hold', async () => {
    for (const fields of SEVERAL) expect(await ask('/payments', fields)).toMatchObject({ replayed: true });
    const refund = await ask('/payments/order-0/refunds', { amount: 601 });
    expect(refund.json.code).toBe('refund_exceeds_captured');
  });

  it('shows what the PSP did after it, and no more', async () => {
    const { exit, out } = await run('doctor --compare --json');
    expect(exit).toBe(1);
    const named = [...SEVERAL, LATER].map(({ payment_id }) => payment_id).filter((id) => out.includes(id));
    expect(named).toEqual([LATER.payment_id]);
  });

  it('takes what was lost again, without a second charge: the PSP knows the operation by its key', async () => {
    expect(await ask('/payments', LATER)).toMatchObject({ replayed: false, json: { status: 'completed' } });
    expect((await ask('/payments/order-0/refunds', { amount: 600 })).json.status).toBe('succeeded');
    const { exit, err, json } = await run('doctor --compare --json');
    expect([exit, err]).toEqual([0, '']);
    // A charge for each payment, and two refunds.
    expect(json.compare).toMatchObject({ operations: SEVERAL.length + 1 + 2 });
  });

  it('has an audit log that goes on from the head of the backup', async () => {
    await server.stop();
    const verified = await run(`audit verify --head ${noted}`);
    expect([verified.exit, verified.err]).toEqual([0, '']);
    server = await start();
  });
});
