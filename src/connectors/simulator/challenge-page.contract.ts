import { expect, it } from 'vitest';
import { CHALLENGE_TTL_MS } from '../../domain/limits.ts';
import { timestamp } from '../../domain/payment.ts';
import type { PspRequest } from '../../ports/connector.ts';
import {
  BASE_URL,
  createRig,
  firstRequest,
  followUp,
  PATIENT,
  type RigOptions,
  START_MS,
  type StorageOpener,
} from './simulator.fixture.ts';

export const RETURN_URL = 'https://shop.example/done?order=1&x=%20y#end';

export async function createChallenge(changed: Partial<PspRequest> = {}, options: RigOptions = {}) {
  const rig = createRig(options);
  const request = firstRequest({
    payment_method: 'pm_card_authenticationRequired',
    return_url: RETURN_URL,
    ...changed,
  });
  const answer = await rig.simulator.execute(request, PATIENT);
  if (answer.outcome !== 'requires_action') throw new Error(`The answer was ${answer.outcome}`);
  const { url, expires_at } = answer.next_action;
  const get = (address = url) => rig.simulator.handlePage(new Request(address));
  const post = (body: string, address = url) => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    return rig.simulator.handlePage(new Request(address, { method: 'POST', headers, body }));
  };
  const lookup = () => rig.simulator.lookup(request, PATIENT);
  return { ...rig, request, answer, url, expires_at, get, post, lookup };
}

/** What the page of a challenge does, over any storage. */
export function describeChallengePage(makeOpener: () => StorageOpener): void {
  const create = (changed: Partial<PspRequest> = {}) =>
    createChallenge(changed, { openStorage: makeOpener() });

  it('asks for action at a page that cannot be guessed, for 24 hours', async () => {
    const { answer, url, expires_at, lookup } = await create();
    expect(url).toMatch(new RegExp(`^${BASE_URL}/simulator/challenges/chl_\\w{40,}$`));
    expect(expires_at).toBe(timestamp(START_MS + CHALLENGE_TTL_MS));
    expect(await lookup()).toEqual(answer);
  });

  it('completes when the customer accepts, and sends them back exactly as was asked', async () => {
    const { post, lookup, answer } = await create();
    const response = await post('decision=accept');
    expect([response.status, response.headers.get('location')]).toEqual([303, RETURN_URL]);
    expect(await lookup()).toEqual({ outcome: 'succeeded', psp_reference: answer.psp_reference });
  });

  it('fails when the customer refuses, and sends them back', async () => {
    const { post, lookup } = await create();
    const response = await post('decision=refuse');
    expect([response.status, response.headers.get('location')]).toEqual([303, RETURN_URL]);
    const failure = { code: 'authentication_failed', advice: 'try_again_later' };
    expect(await lookup()).toMatchObject({ outcome: 'failed', failure });
  });

  it('authorizes, for manual capture, from the moment of acceptance', async () => {
    const { post, lookup, request, advance, simulator } = await create({ kind: 'authorize' });
    await advance(1_000);
    await post('decision=accept');
    const authorization_expires_at = timestamp(START_MS + 1_000 + 7 * CHALLENGE_TTL_MS);
    expect(await lookup()).toMatchObject({ outcome: 'succeeded', authorization_expires_at });
    const capture = await simulator.execute(followUp(request, 'capture'), PATIENT);
    expect(capture).toMatchObject({ outcome: 'succeeded' });
  });

  it('can be abandoned by a cancel, after which the page is gone and nothing can be captured', async () => {
    const { get, post, request, simulator, lookup } = await create({ kind: 'authorize' });
    expect(await simulator.execute(followUp(request, 'cancel'), PATIENT)).toMatchObject({
      outcome: 'succeeded',
    });
    expect((await get()).status).toBe(410);
    expect((await post('decision=accept')).status).toBe(410);
    expect(await lookup()).toMatchObject({ outcome: 'requires_action' });
    const capture = await simulator.execute(followUp(request, 'capture'), PATIENT);
    expect(capture).toMatchObject({ outcome: 'failed', failure: { code: 'authorization_canceled' } });
  });
}
