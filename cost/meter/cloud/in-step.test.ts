import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSystemTimers } from '../../../src/adapters/system/system-timers.ts';
import { startInStep } from './in-step.ts';
import { createLedger } from './ledger.ts';
import { type MeteringProxy, startMeteringProxy } from './metering-proxy.ts';

const { sleep } = createSystemTimers();

/** Answers a request for `/bucket/20` after 20 ms. */
const emulator = createServer(async (request, response) => {
  await sleep(Number(request.url?.split('/')[2]));
  response.end('{}');
});
const ledger = createLedger();
let proxy: MeteringProxy;

beforeAll(async () => {
  await new Promise<void>((resolve) => emulator.listen(0, '127.0.0.1', resolve));
  const { port } = emulator.address() as AddressInfo;
  proxy = await startMeteringProxy({ service: 's3', target: `http://127.0.0.1:${port}`, ledger });
});

afterAll(async () => {
  await proxy.stop();
  await new Promise((resolve) => emulator.close(resolve));
});

function ask(tookMs: number): Promise<void> {
  return call(`${proxy.endpoint}/bucket/${tookMs}`);
}

function call(url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    get(url, (answer) => answer.resume().once('end', resolve)).once('error', reject);
  });
}

/** The sizes of the rounds in which it calls, and how often it met a silence. */
async function watched(work: () => Promise<unknown>, silenceMs = 60_000) {
  const hosts = new Set([new URL(proxy.endpoint).host]);
  ledger.begin();
  const inStep = startInStep({ hosts, release: ledger.release, silenceMs });
  await work();
  const { silences } = inStep.stop();
  return { rounds: ledger.end().map((round) => round.length), silences };
}

describe('a function whose calls are answered in step', () => {
  it('makes one round of calls that wait for nothing of each other, whichever is faster', async () => {
    const { rounds } = await watched(() => Promise.all([ask(0), ask(30), ask(5), ask(15)]));
    expect(rounds).toEqual([4]);
  });

  it('makes a round for each call that waits for the one before', async () => {
    const { rounds } = await watched(async () => {
      await ask(10);
      await ask(0);
      await ask(5);
    });
    expect(rounds).toEqual([1, 1, 1]);
  });

  it('goes on with all of its chains together', async () => {
    const chain = async (...each: readonly number[]) => {
      for (const tookMs of each) await ask(tookMs);
    };
    const { rounds } = await watched(() => Promise.all([chain(20, 0, 0), chain(0, 20), chain(5, 5, 5)]));
    expect(rounds).toEqual([3, 3, 2]);
  });

  it('is waited for while it does a little before its next call', async () => {
    const turns = async (left: number): Promise<void> => {
      if (left === 0) return;
      await new Promise((resolve) => setImmediate(resolve));
      await turns(left - 1);
    };
    const { rounds } = await watched(() => Promise.all([ask(0), turns(4).then(() => ask(0))]));
    expect(rounds).toEqual([2]);
  });

  it('is given no further answers before it has all of those that it was given', async () => {
    const waiting: (() => void)[] = [];
    const server = createServer((_request, response) => void waiting.push(() => response.end()));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const released: number[] = [];
    /** One after the other, with a pause in which the function can do much. */
    const release = async (count: number) => {
      released.push(count);
      for (let left = count; left > 0; left -= 1) {
        while (waiting.length === 0) await sleep(1);
        waiting.shift()?.();
        await sleep(20);
      }
    };
    const inStep = startInStep({ hosts: new Set([new URL(url).host]), release, silenceMs: 60_000 });
    await Promise.all([call(url).then(() => call(url)), call(url)]);
    inStep.stop();
    await new Promise((resolve) => server.close(resolve));
    expect(released).toEqual([2, 1]);
  });

  it('has met a silence when it went on after so long without a call', async () => {
    const { silences } = await watched(async () => {
      await ask(0);
      await sleep(60);
      await ask(0);
    }, 20);
    expect(silences).toBe(1);
  });

  it('has met none in what its calls take', async () => {
    const { silences } = await watched(async () => {
      await ask(60);
      await ask(0);
    });
    expect(silences).toBe(0);
  });
});
