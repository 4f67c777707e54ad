import { Agent, request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config.ts';
import { startHttpThreads } from '../../src/entrypoints/http-threads.ts';
import { serve } from '../../src/entrypoints/serve.ts';
import type { CoreEnd } from '../../src/threads/core-end.ts';
import { sharedBacklogMemory } from '../../src/threads/shared-backlog.ts';
import { type RunningService, startService } from './service.fixture.ts';

/** The whole of test/http runs over threads in CI; these are about the threads themselves. */

const BURST = 20;
const THREADS = 3;
let service: RunningService;

beforeAll(async () => {
  service = await startService({
    HTTP_THREADS: String(THREADS),
    RATE_LIMIT_PER_SECOND: '1',
    RATE_LIMIT_BURST: String(BURST),
  });
});
afterAll(() => service.stop());

/** A request over a connection of its own, so that the system may give it to any of the threads. */
function ask(path: string, key: string): Promise<number> {
  const { hostname, port } = new URL(service.url);
  return new Promise((resolve, reject) => {
    const headers = { Authorization: `Bearer ${key}` };
    const sent = request({ host: hostname, port, path, headers, agent: new Agent() }, (answer) => {
      answer.resume();
      answer.on('end', () => resolve(answer.statusCode as number));
    });
    sent.on('error', reject);
    sent.end();
  });
}

describe('HTTP in threads of its own', () => {
  it('counts a merchant once, over whichever thread its requests come', async () => {
    const key = await service.makeKey({ merchant: 'spread' });
    const answers = await Promise.all(Array.from({ length: 3 * BURST }, () => ask('/payments', key)));
    const allowed = answers.filter((status) => status === 200).length;
    expect(answers.filter((status) => status === 429).length).toBe(3 * BURST - allowed);
    // A slow machine may earn a few more requests meanwhile, at one a second; a bucket for each thread would give 60.
    expect(allowed).toBeGreaterThanOrEqual(BURST);
    expect(allowed).toBeLessThan(2 * BURST);
  });

  it('tells in its metrics what all threads have counted', async () => {
    const counted = async () => {
      const { text } = await service.call('GET', '/metrics', { key: null });
      const line = /^tollgate_http_request_duration_seconds_count\{route="\/health",.*\} (\d+)$/m.exec(text);
      return Number(line?.[1] ?? 0);
    };
    const before = await counted();
    await Promise.all(Array.from({ length: 30 }, () => ask('/health', service.key)));
    expect((await counted()) - before).toBe(30);
  });

  it('makes a payment once that is asked for over all threads at the same time', async () => {
    const key = await service.makeKey({ merchant: 'twice' });
    const asked = Array.from({ length: 10 }, () =>
      service.call('POST', '/payments', { key, body: { payment_id: 'once', amount: 7 } }),
    );
    const answers = await Promise.all(asked);
    expect(answers.filter(({ headers }) => headers['idempotent-replayed'] === undefined).length).toBe(1);
  });

  it('lets its port to no second server', async () => {
    const { port } = new URL(service.url);
    const config = parseConfig({ PORT: port, DATA_DIR: `${service.folder}/second`, LOG_LEVEL: 'silent' });
    await expect(serve(config, () => undefined)).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  it('answers whoever waits for an outcome when it is told to stop', async () => {
    const stopping = await startService({ HTTP_THREADS: '2', PSP_TIMEOUT_MS: '2000' });
    const waiting = stopping.pay({ payment_method: 'pm_sim_timeout' });
    await expect.poll(async () => (await stopping.call('GET', '/payments')).text).toContain('processing');
    await stopping.stop();
    expect((await waiting).json.status).toBe('processing');
  });

  it('that cannot listen refuse the start with the reason, and are not taken for threads that have died', async () => {
    const script = new URL(
      `data:text/javascript,import { parentPort } from 'node:worker_threads';
       const failed = { message: 'taken', code: 'EADDRINUSE', port: 1 };
       parentPort.postMessage({ failed });
       throw Object.assign(new Error('taken'), failed);`,
    );
    const ended: Error[] = [];
    const options = { config: parseConfig({ PORT: '0' }), count: 2, backlog: sharedBacklogMemory(), script };
    const watch = { log: () => undefined, ended: (error: Error) => void ended.push(error) };
    const starting = startHttpThreads(options, {} as CoreEnd, watch);
    await expect(starting).rejects.toMatchObject({ code: 'EADDRINUSE', port: 1 });
    expect(ended).toEqual([]);
  });

  it('take another port when the one that the system chose was taken in between', async () => {
    const tries = new Int32Array(new SharedArrayBuffer(4));
    const script = new URL(
      `data:text/javascript,import { parentPort, workerData } from 'node:worker_threads';
       const isFirst = Atomics.add(new Int32Array(workerData.backlog), 0, 1) === 0;
       const failed = { message: 'taken', code: 'EADDRINUSE', port: workerData.listening.port };
       parentPort.postMessage(isFirst ? { failed } : { url: 'http://127.0.0.1:' + workerData.listening.port });
       setTimeout(() => undefined, 100);`,
    );
    const options = { config: parseConfig({ PORT: '0' }), count: 1, backlog: tries.buffer, script };
    const ended = Promise.withResolvers<Error>();
    const watch = { log: () => undefined, ended: ended.resolve };
    const { url } = await startHttpThreads(options, {} as CoreEnd, watch);
    expect([Number(new URL(url).port) > 0, tries[0]]).toEqual([true, 2]);
    // It ends by itself, as it knows no call by which it could be told to.
    expect((await ended.promise).message).toContain('ended with 0');
  });

  it('says so when one of them ends that was not told to', async () => {
    const ended = Promise.withResolvers<Error>();
    const script = new URL(
      `data:text/javascript,import { parentPort } from 'node:worker_threads';
       parentPort.postMessage({ url: 'http://127.0.0.1:1' });
       setTimeout(() => { throw new Error('broken'); }, 10);`,
    );
    const config = parseConfig({ PORT: '0' });
    const options = { config, count: 1, backlog: sharedBacklogMemory(), script };
    const watch = { log: () => undefined, ended: ended.resolve };
    await startHttpThreads(options, {} as CoreEnd, watch);
    expect((await ended.promise).message).toBe('broken');
  });
});
