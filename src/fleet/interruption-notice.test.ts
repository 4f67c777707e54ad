import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createFakeClock } from '../adapters/memory/fake-clock.ts';
import { createInterruptionNotice } from './interruption-notice.ts';

const HOUR_MS = 3_600_000;
const SPOT = '/latest/meta-data/spot/instance-action';
const STATE = '/latest/meta-data/autoscaling/target-lifecycle-state';
const NOT_FOUND =
  '<?xml version="1.0" encoding="iso-8859-1"?><html><body><h1>404 - Not Found</h1></body></html>';

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function listen(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** The instance metadata service, version 2: nothing without a token, and a token only by PUT, for a stated time. */
async function start() {
  const clock = createFakeClock();
  const said: Record<string, string> = { [STATE]: 'InService' };
  const service = { tokens: 0, faults: 0, broken: false };
  const valid = new Set<string>();
  const endpoint = await listen(({ method, url = '', headers }, response) => {
    if (service.broken) return void response.writeHead(503).end('busy');
    if (url === '/latest/api/token') {
      const seconds = Number(headers['x-aws-ec2-metadata-token-ttl-seconds']);
      if (method !== 'PUT' || !(seconds >= 1 && seconds <= 21_600)) return void response.writeHead(400).end();
      const token = `token-${++service.tokens}`;
      valid.add(token);
      return void response.end(token);
    }
    if (!valid.has(String(headers['x-aws-ec2-metadata-token']))) {
      service.faults += 1;
      return void response.writeHead(401).end('<h1>401 - Unauthorized</h1>');
    }
    const text = said[url];
    if (text === undefined) response.writeHead(404).end(NOT_FOUND);
    else response.end(text);
  });
  const debugged: object[] = [];
  const ignore = () => undefined;
  const logger = {
    debug: (fields: object) => debugged.push(fields),
    info: ignore,
    warn: ignore,
    error: ignore,
  };
  const notice = createInterruptionNotice({ endpoint, clock, logger });
  return { clock, said, service, valid, debugged, notice };
}

describe('the interruption notice', () => {
  it('says nothing while the instance is in service', async () => {
    const { debugged, notice } = await start();
    expect(await notice()).toBeNull();
    expect(debugged).toEqual([]);
  });

  it('tells of a spot interruption, two minutes before', async () => {
    const { said, notice } = await start();
    said[SPOT] = '{"action": "terminate", "time": "2026-03-02T10:02:00Z"}';
    expect(await notice()).toBe(`spot interruption: ${said[SPOT]}`);
  });

  it.each([
    ['Terminated', 'the group is taking this instance away'],
    ['InService', null],
    ['Warmed:Running', null],
  ])('takes the target state %s for: %s', async (state, told) => {
    const { said, notice } = await start();
    said[STATE] = state;
    expect(await notice()).toBe(told);
  });

  it('says nothing on an instance of no group', async () => {
    const { said, debugged, notice } = await start();
    delete said[STATE];
    expect([await notice(), debugged]).toEqual([null, []]);
  });

  it('asks for one token for three hours, and then for a new one', async () => {
    const { clock, service, notice } = await start();
    await notice();
    clock.advance(3 * HOUR_MS - 1);
    await notice();
    expect(service.tokens).toBe(1);
    clock.advance(1);
    await notice();
    expect([service.tokens, service.faults]).toEqual([2, 0]);
  });

  it('asks for a new token when the old one is refused, and goes on at the next look', async () => {
    const { said, service, valid, debugged, notice } = await start();
    await notice();
    valid.clear();
    said[SPOT] = 'stop';
    expect(await notice()).toBeNull();
    expect(debugged).toEqual([
      { error: 'Error: the metadata service answered 401 for spot/instance-action' },
    ]);
    expect([await notice(), service.tokens]).toEqual(['spot interruption: stop', 2]);
  });

  it('takes a service that is broken for no reason to stop, and asks it again', async () => {
    const { said, service, debugged, notice } = await start();
    said[SPOT] = 'stop';
    service.broken = true;
    expect(await notice()).toBeNull();
    expect(debugged).toEqual([{ error: 'Error: the metadata service gave no token: 503' }]);
    service.broken = false;
    expect(await notice()).toBe('spot interruption: stop');
  });
});

it('gives up asking after a second, where nobody answers', async () => {
  const signals: AbortSignal[] = [];
  const debugged: object[] = [];
  const ignore = () => undefined;
  const notice = createInterruptionNotice({
    endpoint: 'http://metadata.test',
    clock: createFakeClock(),
    logger: { debug: (fields) => debugged.push(fields), info: ignore, warn: ignore, error: ignore },
    fetch: (_url, options) =>
      new Promise((_resolve, reject) => {
        const signal = options?.signal as AbortSignal;
        signals.push(signal);
        signal.addEventListener('abort', () => reject(signal.reason));
      }),
  });
  expect(await notice()).toBeNull();
  expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  expect(debugged).toEqual([{ error: expect.stringContaining('TimeoutError') }]);
});
