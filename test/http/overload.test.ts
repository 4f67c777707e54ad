import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FILES } from '../../src/wiring.ts';
import { type RunningService, startService } from './service.fixture.ts';

const NO_WAIT = { headers: { Prefer: '' } };

describe('when the backlog is at its limit', () => {
  let service: RunningService;

  beforeAll(async () => {
    // One operation is asked of a PSP that does not answer; what comes after it waits.
    service = await startService({
      MAX_BACKLOG: '2',
      PSP_CONCURRENCY: '1',
      // Longer than these tests can take on a slow machine; stopping waits for what is left of it.
      PSP_TIMEOUT_MS: '15000',
      SIMULATOR_LATENCY_MS: '60000',
    });
    for (const payment_id of ['in-hand', 'waits-1', 'waits-2']) {
      while ((await service.pay({ payment_id }, NO_WAIT)).status !== 201);
      if (payment_id === 'in-hand') while (!(await metrics()).includes('tollgate_queue_in_flight 1'));
    }
    // A measurement may fall between a payment's admission and its commit, and count it in neither; the next one has it.
    while ((await service.pay({ payment_id: 'waits-1' }, NO_WAIT)).status !== 503);
  });
  afterAll(() => service.stop(), 40_000);

  async function metrics(): Promise<string> {
    return (await service.call('GET', '/metrics')).text;
  }

  it('new payments are refused as overloaded, with Retry-After, and nothing of them is stored', async () => {
    const { status, json, headers } = await service.pay({ payment_id: 'refused' }, NO_WAIT);
    expect([status, json, headers['retry-after']]).toMatchObject([503, { code: 'overloaded' }, '1']);
    expect((await service.get('refused')).status).toBe(404);
  });

  it('even a replay is, and what is invalid is told so first', async () => {
    expect((await service.pay({ payment_id: 'waits-1' }, NO_WAIT)).json).toMatchObject({
      code: 'overloaded',
    });
    expect((await service.pay({ payment_id: '' }, NO_WAIT)).json).toMatchObject({ code: 'invalid_request' });
  });

  it('what was accepted can be read, and operations are still decided', async () => {
    expect((await service.get('waits-2')).json.status).toBe('processing');
    expect((await service.ask('waits-2', 'cancel')).json).toMatchObject({ code: 'operation_in_progress' });
  });

  it('/ready says so with 503, /health does not, and the metrics tell how much waits', async () => {
    const ready = await service.call<{
      ready: boolean;
      checks: Record<string, { ok: boolean; detail?: string }>;
    }>('GET', '/ready', { key: null });
    expect([ready.status, ready.json.ready, ready.json.checks.store]).toEqual([503, false, { ok: true }]);
    expect(ready.json.checks.backlog).toEqual({
      ok: false,
      detail: expect.stringContaining('the limit is 2'),
    });
    expect((await service.call('GET', '/health')).status).toBe(200);
    expect(await metrics()).toMatch(/^tollgate_backlog 2$/m);
  });
});

describe('when the store takes no write', () => {
  it('answers unavailable to whoever writes, and tells who may read; the same id then works', async () => {
    const service = await startService();
    await service.pay({ payment_id: 'before' });
    // A failed disk is not to be had; a table that refuses is the same to whoever writes.
    const connection = new DatabaseSync(join(service.folder, FILES.database));
    connection.exec(
      "CREATE TRIGGER broken BEFORE INSERT ON payments BEGIN SELECT RAISE(FAIL, 'broken'); END",
    );
    const { status, json, headers } = await service.pay({ payment_id: 'during' }, NO_WAIT);
    expect([status, json, headers['retry-after']]).toMatchObject([503, { code: 'unavailable' }, '1']);
    expect((await service.get('before')).json.status).toBe('completed');
    expect(service.answered()).not.toContain('broken');
    connection.exec('DROP TRIGGER broken');
    connection.close();
    const made = await service.pay({ payment_id: 'during' });
    expect([made.status, made.headers['idempotent-replayed']]).toEqual([201, undefined]);
    await service.stop();
  });
});
