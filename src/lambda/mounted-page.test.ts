import { describe, expect, it } from 'vitest';
import type { HttpApp } from '../http/app.ts';
import { proxyEvent } from './events.fixture.ts';
import { startGateway } from './gateway.fixture.ts';
import { answerProxyEvent } from './rest-proxy.ts';

const FORM = [['Content-Type', 'application/x-www-form-urlencoded']] as const;

async function challenged(return_url?: string) {
  const gateway = await startGateway();
  const json = {
    payment_id: 'p1',
    amount: 1_000,
    payment_method: 'pm_card_authenticationRequired',
    ...(return_url === undefined ? {} : { return_url }),
  };
  await gateway.call('POST', '/payments', { json });
  await gateway.world.drain();
  const { operations } = await gateway.world.get();
  const path = new URL(operations[0]?.next_action?.url as string).pathname;
  return { ...gateway, path };
}

describe('the challenge page through the gateway', () => {
  it('is shown to a customer, who has no key, and takes the decision', async () => {
    const { world, path, send } = await challenged();
    const shown = await send({ path });
    expect(shown).toMatchObject({ status: 200, headers: { 'content-type': 'text/html; charset=utf-8' } });
    expect(shown.text).toContain('Accept');
    expect(shown.headers['request-id']).toMatch(/^req_/);
    const decided = await send({ method: 'POST', path, headers: FORM, body: 'decision=accept' });
    expect(decided).toMatchObject({ status: 200 });
    await world.drain();
    expect((await world.get()).status).toBe('completed');
  });

  it('takes a form in base64, and sends the customer back to the shop', async () => {
    const back = 'https://shop.example/done?a=1';
    const { world, path, send } = await challenged(back);
    const body = Buffer.from('decision=refuse').toString('base64');
    const answer = await send({ method: 'POST', path, headers: FORM, body, isBase64Encoded: true });
    expect(answer).toMatchObject({ status: 303, text: '', headers: { location: back } });
    await world.drain();
    expect((await world.get()).status).toBe('failed');
  });

  it('answers HEAD without its body, and other methods with what it allows', async () => {
    const { path, send } = await challenged();
    expect(await send({ method: 'HEAD', path })).toMatchObject({ status: 200, text: '' });
    for (const method of ['TRACE', 'DELETE', 'OPTIONS'])
      expect(await send({ method, path })).toMatchObject({
        status: 405,
        headers: { allow: 'GET, HEAD, POST' },
      });
  });

  it('refuses a body that is too long, in its own form', async () => {
    const { world, path, send } = await challenged();
    const body = `decision=accept&x=${'x'.repeat(200_000)}`;
    const refused = await send({ method: 'POST', path, headers: FORM, body });
    expect(refused).toMatchObject({ status: 413, headers: { 'content-type': 'text/html; charset=utf-8' } });
    await world.drain();
    expect((await world.get()).status).toBe('requires_action');
  });

  it('says in its own form that there is no such page', async () => {
    const { send } = await startGateway();
    expect(await send({ path: '/simulator/challenges/x', query: [['a', '1']] })).toMatchObject({
      status: 404,
    });
  });
});

describe('a mounted page', () => {
  function mounted(handle: (request: Request) => Promise<Response>): HttpApp {
    const mount = { prefix: '/other/', handle };
    return {
      answer: () => Promise.reject(new Error('fixture: not asked')),
      mountAt: () => mount,
      show: ({ handle: show }, request) => show(request),
    };
  }

  it('sees the path without the stage, and the whole query', async () => {
    const seen: string[] = [];
    const app = mounted(async ({ url }) => {
      seen.push(url);
      return new Response('');
    });
    const query = [
      ['a', 'x y'],
      ['a', '+'],
    ] as const;
    await answerProxyEvent(app, proxyEvent({ path: '/other/%7Bpage%7D', query }));
    await answerProxyEvent(app, proxyEvent({ path: '/other/page' }));
    expect(seen).toEqual(['http://localhost/other/%7Bpage%7D?a=x+y&a=%2B', 'http://localhost/other/page']);
  });

  it('leads to paths below the stage, and to other addresses as they are', async () => {
    const to = (location: string) =>
      answerProxyEvent(
        mounted(async () => new Response(null, { status: 303, headers: { location } })),
        proxyEvent({ path: '/other/page' }),
      );
    expect(await to('/other/next')).toMatchObject({
      statusCode: 303,
      headers: { location: '/prod/other/next' },
    });
    expect(await to('https://a.example/b')).toMatchObject({ headers: { location: 'https://a.example/b' } });
  });
});
