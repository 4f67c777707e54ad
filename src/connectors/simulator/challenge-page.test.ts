import { describe, expect, it } from 'vitest';
import { CHALLENGE_TTL_MS } from '../../domain/limits.ts';
import { createChallenge, describeChallengePage, RETURN_URL } from './challenge-page.contract.ts';
import { BASE_URL, cleanUpAfterEach, followUp, PATIENT, STORAGES, settled } from './simulator.fixture.ts';

cleanUpAfterEach();

describe.each(STORAGES)('over %s', (_name, makeOpener) => describeChallengePage(makeOpener));

it('a cancel comes too late for an accepted charge, and for a refused one', async () => {
  for (const [decision, code] of [
    ['accept', 'already_succeeded'],
    ['refuse', 'already_failed'],
  ]) {
    const { post, request, simulator } = await createChallenge();
    await post(`decision=${decision}`);
    const answer = await simulator.execute(followUp(request, 'cancel'), PATIENT);
    expect(answer).toMatchObject({ outcome: 'failed', failure: { code } });
  }
});

it('an accepted charge can be refunded, up to its amount', async () => {
  const { post, request, simulator } = await createChallenge();
  await post('decision=accept');
  const refund = await simulator.execute(followUp(request, 'refund'), PATIENT);
  expect(refund).toMatchObject({ outcome: 'succeeded' });
});

it('nothing can be captured, refunded or reversed before the customer has decided', async () => {
  const { request, simulator } = await createChallenge({ kind: 'authorize' });
  for (const kind of ['capture', 'refund', 'reversal'] as const) {
    const answer = await simulator.execute(followUp(request, kind), PATIENT);
    expect(answer).toMatchObject({ outcome: 'failed' });
  }
});

it('shows the amount, two buttons and nothing of another origin', async () => {
  const { get } = await createChallenge({ amount: 1_050 });
  const response = await get();
  const html = await response.text();
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(html).toContain('<html lang="en">');
  expect(html).toContain('10.50 USD');
  expect(html).toContain('<form method="post">');
  expect(html).toMatch(/<button id="accept" name="decision" value="accept">/);
  expect(html).toMatch(/<button id="refuse" name="decision" value="refuse">/);
  expect(html).not.toMatch(/https?:|<script|src=|href=/);
});

it('runs nothing, is framed by nobody, and tells nobody its address', async () => {
  const { get, post } = await createChallenge();
  const { headers } = await get();
  const policy = String(headers.get('content-security-policy'));
  expect(policy).toMatch(
    /^default-src 'none'; style-src 'sha256-[^']+'; base-uri 'none'; frame-ancestors 'none'$/,
  );
  // Browsers apply form-action to the redirect after the form, which leads to the shop.
  expect(policy).not.toContain('form-action');
  for (const response of [{ headers }, await post('decision=accept')]) {
    expect(response.headers.get('referrer-policy')).toBe('no-referrer');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  }
});

it('shows what others have written as text', async () => {
  const { get } = await createChallenge({ merchant_id: `<img src=x onerror="a('b')">&`, payment_id: '</p>' });
  const html = await (await get()).text();
  expect(html).toContain('&#60;img src=x onerror=&#34;a(&#39;b&#39;)&#34;&#62;&#38;');
  expect(html).not.toContain('<img');
  expect(html.match(/<\/p>/g)).toHaveLength(1);
});

it('redirects again for the same decision, and refuses another one', async () => {
  const { get, post, lookup, delivered } = await createChallenge();
  await post('decision=accept');
  const again = await post('decision=accept');
  expect([again.status, again.headers.get('location')]).toEqual([303, RETURN_URL]);
  expect((await post('decision=refuse')).status).toBe(410);
  expect((await get()).status).toBe(410);
  expect(await lookup()).toMatchObject({ outcome: 'succeeded' });
  expect(delivered).toHaveLength(1);
});

it('takes one of two decisions that are made at once', async () => {
  const { post, delivered } = await createChallenge();
  const responses = await Promise.all([post('decision=accept'), post('decision=refuse')]);
  expect(responses.map(({ status }) => status).sort()).toEqual([303, 410]);
  expect(delivered).toHaveLength(1);
});

it('is gone after 24 hours, though the challenge still waits to be canceled', async () => {
  const { get, post, advance, lookup, simulator, request } = await createChallenge();
  await advance(CHALLENGE_TTL_MS - 1);
  expect((await get()).status).toBe(200);
  await advance(1);
  expect((await get()).status).toBe(410);
  expect((await post('decision=accept')).status).toBe(410);
  expect(await lookup()).toMatchObject({ outcome: 'requires_action' });
  const cancel = await simulator.execute(followUp(request, 'cancel'), PATIENT);
  expect(cancel).toMatchObject({ outcome: 'succeeded' });
});

it('says that a page can be closed where there is nowhere to go back to', async () => {
  const { post } = await createChallenge({ return_url: null });
  const response = await post('decision=accept');
  expect(response.status).toBe(200);
  expect(await response.text()).toContain('You can close this page.');
});

it('sends back to an address with letters that no header may carry, and never splits a header', async () => {
  const umlaut = await createChallenge({ return_url: 'https://shop.example/größe' });
  const location = (await umlaut.post('decision=accept')).headers.get('location');
  expect(location).toBe('https://shop.example/gr%C3%B6%C3%9Fe');
  const split = await createChallenge({ return_url: 'https://shop.example/\r\nset-cookie: a=b' });
  const { headers } = await split.post('decision=accept');
  expect(headers.get('set-cookie')).toBeNull();
  const nonsense = await createChallenge({ return_url: 'not an address' });
  expect((await nonsense.post('decision=accept')).status).toBe(200);
});

it.each(['', 'decision=', 'decision=maybe', 'decision=accept&decision=refuse', '{"decision":"accept"}'])(
  'takes %j for no decision',
  async (body) => {
    const { post, lookup } = await createChallenge();
    expect((await post(body)).status).toBe(400);
    expect(await lookup()).toMatchObject({ outcome: 'requires_action' });
  },
);

it('reads no more than the form can send', async () => {
  const { post, simulator, url, lookup } = await createChallenge();
  expect((await post(`decision=accept&x=${'x'.repeat(2_000)}`)).status).toBe(413);
  let pulled = 0;
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      pulled += 1;
      controller.enqueue(new Uint8Array(512));
    },
  });
  const request = new Request(url, { method: 'POST', body: endless, duplex: 'half' });
  expect((await simulator.handlePage(request)).status).toBe(413);
  expect(pulled).toBeLessThan(10);
  expect(await lookup()).toMatchObject({ outcome: 'requires_action' });
});

it.each(['nobody', '', 'a/b', '%00', '..%2f'])('has no page for %j', async (token) => {
  const { get, post } = await createChallenge();
  const address = `${BASE_URL}/simulator/challenges/${token}`;
  expect((await get(address)).status).toBe(404);
  expect((await post('decision=accept', address)).status).toBe(404);
});

it('has no page for a token at another path, or for another method', async () => {
  const { get, url, simulator } = await createChallenge();
  expect((await get(url.replace('challenges', 'others'))).status).toBe(404);
  const response = await simulator.handlePage(new Request(url, { method: 'DELETE' }));
  expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD, POST']);
});

it('does not keep the customer waiting for a call-back that nobody takes', async () => {
  const rig = await createChallenge({}, { deliver: () => new Promise(() => {}) });
  let status = 0;
  const answered = rig.post('decision=accept').then((response) => {
    status = response.status;
  });
  await settled();
  expect(status).toBe(0);
  await rig.advance(3_000);
  await answered;
  expect(status).toBe(303);
  expect(rig.sleeping()).toBe(0);
});
