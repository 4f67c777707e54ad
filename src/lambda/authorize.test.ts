import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../adapters/memory/fake-clock.ts';
import { createMemoryKeyStore } from '../adapters/memory/memory-key-store.ts';
import { createSeededIds } from '../adapters/memory/seeded-ids.ts';
import { newKey } from '../app/api-keys.ts';
import { createAuthenticate } from '../app/authenticate.ts';
import { UnavailableError } from '../ports/faults.ts';
import type { Scope } from '../ports/key-store.ts';
import { createAuthorize } from './authorize.ts';
import { requestEvent, tokenEvent, WHOLE_STAGE } from './events.fixture.ts';
import { recordedLog } from './recorded.fixture.ts';

const MAX_BACKLOG = 100;

async function start() {
  const clock = createFakeClock();
  const ids = createSeededIds(1);
  const keys = createMemoryKeyStore();
  const load = { waiting: 0, asked: 0, isDown: false };
  const logger = recordedLog();
  const authorize = createAuthorize({
    authenticate: createAuthenticate({ keys, clock }),
    queue: {
      async depth() {
        load.asked += 1;
        if (load.isDown) throw new UnavailableError('The queue is down.');
        return { waiting: load.waiting, delayed: 1_000, inFlight: 1_000 };
      },
    },
    clock,
    logger,
    maxBacklog: MAX_BACKLOG,
  });
  async function makeKey(given: { livemode?: boolean; scopes?: readonly Scope[]; expiresAt?: string } = {}) {
    const { livemode = false, scopes = ['payments:read', 'payments:write'], expiresAt = null } = given;
    const made = newKey({ ids }, { merchantId: 'm_1', livemode, scopes, expiresAt, nowMs: clock.now() });
    await keys.put(made.stored);
    return { key: made.key, keyId: made.stored.key_id };
  }
  return { clock, ids, keys, load, logger, authorize, makeKey };
}

function effect(result: { policyDocument: { Statement: readonly object[] } }): unknown {
  return (result.policyDocument.Statement[0] as { Effect?: unknown }).Effect;
}

const DENIED = {
  principalId: 'unknown',
  policyDocument: {
    Version: '2012-10-17',
    Statement: [{ Action: 'execute-api:Invoke', Effect: 'Deny', Resource: WHOLE_STAGE }],
  },
};

describe('a good key', () => {
  it('is allowed every method and path of the stage, and told whose it is and what it may do', async () => {
    const { authorize, makeKey } = await start();
    const { key, keyId } = await makeKey();
    expect(await authorize(tokenEvent(`Bearer ${key}`))).toEqual({
      principalId: keyId,
      policyDocument: {
        Version: '2012-10-17',
        Statement: [{ Action: 'execute-api:Invoke', Effect: 'Allow', Resource: WHOLE_STAGE }],
      },
      context: {
        merchantId: 'm_1',
        livemode: 'false',
        keyId,
        scopes: 'payments:read payments:write',
        overloaded: 'false',
      },
    });
  });

  it('of live mode is told to be of live mode', async () => {
    const { authorize, makeKey } = await start();
    const { key } = await makeKey({ livemode: true, scopes: ['admin'] });
    const { context } = await authorize(tokenEvent(`Bearer ${key}`));
    expect(context).toMatchObject({ livemode: 'true', scopes: 'admin' });
  });

  it.each(['Authorization', 'authorization', 'AUTHORIZATION'])(
    'is found in the header %s of an event that carries the whole head',
    async (name) => {
      const { authorize, makeKey } = await start();
      const { key } = await makeKey();
      expect(effect(await authorize(requestEvent([[name, `bearer  ${key} `]])))).toBe('Allow');
    },
  );

  it('is allowed the whole stage, whichever route is asked for first', async () => {
    const { authorize, makeKey } = await start();
    const { key } = await makeKey();
    for (const path of ['', '/', '/payments', '/payments/a/refunds/b']) {
      const arn = WHOLE_STAGE.replace('/*', `/POST${path}`);
      const { policyDocument } = await authorize(tokenEvent(`Bearer ${key}`, arn));
      expect(policyDocument.Statement).toMatchObject([{ Resource: WHOLE_STAGE }]);
    }
  });
});

describe('a key that is not good is denied the whole stage, with no context, when it', () => {
  it.each([
    ['is no key at all', 'Bearer abc'],
    ['has no scheme', 'tg_test_abc'],
    ['has another scheme', 'Basic dXNlcjpwYXNz'],
    ['is empty', 'Bearer '],
    ['is two', 'Bearer a b'],
    ['is a header without a value', ''],
  ])('%s', async (_what, authorization) => {
    const { authorize } = await start();
    expect(await authorize(tokenEvent(authorization))).toEqual(DENIED);
    expect(await authorize(requestEvent([['Authorization', authorization]]))).toEqual(DENIED);
  });

  it('is not sent', async () => {
    const { authorize } = await start();
    expect(await authorize(requestEvent([]))).toEqual(DENIED);
    expect(await authorize(requestEvent(null))).toEqual(DENIED);
  });

  it('is not known, is mistyped or has another secret', async () => {
    const { authorize, ids, makeKey } = await start();
    const { key } = await makeKey();
    const given = { merchantId: 'm_1', livemode: false, scopes: [], expiresAt: null, nowMs: 0 };
    const { key: unknown } = newKey({ ids }, given);
    for (const bad of [unknown, `${key.slice(0, -1)}!`, key.toUpperCase()])
      expect(await authorize(tokenEvent(`Bearer ${bad}`))).toEqual(DENIED);
  });

  it('was revoked or has expired', async () => {
    const { authorize, clock, keys, makeKey } = await start();
    const revoked = await makeKey();
    const expiring = await makeKey({ expiresAt: new Date(clock.now() + 1_000).toISOString() });
    expect(effect(await authorize(tokenEvent(`Bearer ${expiring.key}`)))).toBe('Allow');
    await keys.revoke(revoked.keyId, new Date(clock.now()).toISOString());
    clock.advance(1_000);
    expect(await authorize(tokenEvent(`Bearer ${revoked.key}`))).toEqual(DENIED);
    expect(await authorize(tokenEvent(`Bearer ${expiring.key}`))).toEqual(DENIED);
  });
});

it('fails when the key cannot be looked up, so that no denial is remembered for a good key', async () => {
  const { authorize, keys, makeKey } = await start();
  const { key } = await makeKey();
  const { get } = keys;
  keys.get = () => Promise.reject(new UnavailableError('The table is down.'));
  await expect(authorize(tokenEvent(`Bearer ${key}`))).rejects.toThrow('The table is down.');
  keys.get = get;
  expect(effect(await authorize(tokenEvent(`Bearer ${key}`)))).toBe('Allow');
});

describe('the backlog', () => {
  async function told({ authorize, makeKey }: Awaited<ReturnType<typeof start>>) {
    const { key } = await makeKey();
    const { context } = await authorize(tokenEvent(`Bearer ${key}`));
    return context?.overloaded;
  }

  it('is told as above its limit from the limit on', async () => {
    const world = await start();
    world.load.waiting = MAX_BACKLOG - 1;
    expect(await told(world)).toBe('false');
    world.load.waiting = MAX_BACKLOG;
    world.clock.advance(5_000);
    expect(await told(world)).toBe('true');
  });

  it('is measured once in five seconds, however many keys are asked about', async () => {
    const world = await start();
    await told(world);
    world.load.waiting = MAX_BACKLOG;
    world.clock.advance(4_999);
    expect(await told(world)).toBe('false');
    expect(world.load.asked).toBe(1);
    world.clock.advance(1);
    expect(await told(world)).toBe('true');
    expect(world.load.asked).toBe(2);
  });

  it('that cannot be measured keeps nobody out, and is measured again later', async () => {
    const world = await start();
    world.load.waiting = MAX_BACKLOG;
    expect(await told(world)).toBe('true');
    world.load.isDown = true;
    world.clock.advance(5_000);
    expect(await told(world)).toBe('false');
    expect(world.logger.lines).toEqual(['warn: the backlog could not be measured']);
    world.load.isDown = false;
    world.clock.advance(5_000);
    expect(await told(world)).toBe('true');
  });
});
