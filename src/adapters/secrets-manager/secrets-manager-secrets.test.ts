import { createHmac } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { createWorld, MERCHANT, type World } from '../../app/app.fixture.ts';
import { createListPayments } from '../../app/list-payments.ts';
import { createCallbackSigner } from '../../connectors/simulator/callback-signature.ts';
import { UnavailableError } from '../../ports/faults.ts';
import type { Secrets } from '../../ports/secrets.ts';
import { createFakeClock, type FakeClock } from '../memory/fake-clock.ts';
import { type FakeSecretsManager, fakeSecretsManager, SECRET_ID } from './secrets-manager.fixture.ts';
import { createSecretsManagerSecrets } from './secrets-manager-secrets.ts';

const MINUTE_MS = 60_000;

let manager: FakeSecretsManager;
let clock: FakeClock;
let warnings: object[];

beforeEach(() => {
  manager = fakeSecretsManager('one');
  clock = createFakeClock(1_000_000);
  warnings = [];
});

function open(): Secrets {
  const ignore = () => undefined;
  const logger = {
    debug: ignore,
    info: ignore,
    error: ignore,
    warn: (fields: object) => warnings.push(fields),
  };
  return createSecretsManagerSecrets({ client: manager.client(), secretId: SECRET_ID, clock, logger });
}

const down = async () => {
  throw Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException' });
};
const up = async () => undefined;

describe('the secrets of Secrets Manager', () => {
  it('are the current password and the previous one, if there is one', async () => {
    expect(await open().cursorKeys()).toEqual(['one']);
    manager.rotateTo('v2', 'two');
    expect(await open().cursorKeys()).toEqual(['two', 'one']);
    manager.rotateTo('v3', 'three');
    expect(await open().cursorKeys()).toEqual(['three', 'two']);
  });

  it('are kept for five minutes, and then read again', async () => {
    const secrets = open();
    await secrets.cursorKeys();
    manager.rotateTo('v2', 'two');
    const { length } = manager.calls;
    clock.advance(5 * MINUTE_MS - 1);
    expect(await secrets.cursorKeys()).toEqual(['one']);
    expect(manager.calls).toHaveLength(length);
    clock.advance(1);
    expect(await secrets.cursorKeys()).toEqual(['two', 'one']);
  });

  it('are read once for all who ask at the same time', async () => {
    const secrets = open();
    const answers = await Promise.all(Array.from({ length: 20 }, () => secrets.cursorKeys()));
    expect(new Set(answers.map(String))).toEqual(new Set(['one']));
    expect(manager.calls).toHaveLength(2);
  });

  it('are read again when somebody asks for fresh ones, but at most once in ten seconds', async () => {
    const secrets = open();
    await secrets.cursorKeys();
    manager.rotateTo('v2', 'two');
    manager.calls.length = 0;
    expect(await secrets.cursorKeys({ fresh: true })).toEqual(['two', 'one']);
    manager.rotateTo('v3', 'three');
    clock.advance(9_999);
    expect(await secrets.cursorKeys({ fresh: true })).toEqual(['two', 'one']);
    expect(manager.calls).toHaveLength(2);
    clock.advance(1);
    expect(await secrets.cursorKeys({ fresh: true })).toEqual(['three', 'two']);
    expect(await secrets.cursorKeys()).toEqual(['three', 'two']);
  });

  it('are as fresh for everybody who asks for fresh ones while they are read', async () => {
    const secrets = open();
    await secrets.cursorKeys();
    manager.rotateTo('v2', 'two');
    const asked = Array.from({ length: 5 }, () => secrets.cursorKeys({ fresh: true }));
    expect(await Promise.all(asked)).toEqual(asked.map(() => ['two', 'one']));
  });

  it('are not those of a read that began before the rotation, when fresh ones are asked for', async () => {
    manager.rotateTo('v2', 'two');
    const secrets = open();
    await secrets.cursorKeys();
    clock.advance(5 * MINUTE_MS);
    let release: () => void = () => undefined;
    const blocked = new Promise<void>((resolve) => {
      release = resolve;
    });
    // The answer with the previous password is on its way when the rotation ends.
    let answered = 0;
    manager.after = async () => {
      answered += 1;
      if (answered === 2) await blocked;
    };
    const early = secrets.cursorKeys();
    await expect.poll(() => answered).toBe(2);
    manager.rotateTo('v3', 'three');
    expect(await secrets.cursorKeys({ fresh: true })).toEqual(['three', 'two']);
    release();
    expect(await early).toEqual(['three', 'two']);
    expect(await secrets.cursorKeys()).toEqual(['three', 'two']);
  });

  it('are a pair of neighbours also when a rotation ends between the two reads', async () => {
    const secrets = open();
    let reads = 0;
    manager.after = async () => {
      reads += 1;
      if (reads === 1) manager.rotateTo('v2', 'two');
    };
    expect(await secrets.cursorKeys()).toEqual(['two', 'one']);
  });

  it('go on as they were while Secrets Manager does not answer, with one warning for the whole outage', async () => {
    const secrets = open();
    await secrets.cursorKeys();
    manager.before = down;
    clock.advance(5 * MINUTE_MS);
    manager.calls.length = 0;
    for (let n = 0; n < 5; n++) {
      expect(await secrets.cursorKeys()).toEqual(['one']);
      expect(await secrets.cursorKeys({ fresh: true })).toEqual(['one']);
    }
    // One for the keys that were too old and one for the fresh ones; not one for each request.
    expect(manager.calls).toHaveLength(2);
    clock.advance(10_000);
    expect(await secrets.cursorKeys()).toEqual(['one']);
    expect(warnings).toEqual([{ error: 'ThrottlingException: Rate exceeded' }]);
    manager.before = up;
    manager.rotateTo('v2', 'two');
    clock.advance(10_000);
    expect(await secrets.cursorKeys()).toEqual(['two', 'one']);
    manager.before = down;
    clock.advance(5 * MINUTE_MS);
    await secrets.cursorKeys();
    expect(warnings).toHaveLength(2);
  });

  it('are unavailable while Secrets Manager has never answered, and no longer', async () => {
    const secrets = open();
    manager.before = down;
    await expect(secrets.cursorKeys()).rejects.toThrow(UnavailableError);
    await expect(secrets.callbackSecret('simulator')).rejects.toThrow('Rate exceeded');
    await expect(secrets.cursorKeys({ fresh: true })).rejects.toThrow(UnavailableError);
    manager.before = up;
    expect(await secrets.cursorKeys()).toEqual(['one']);
  });

  it.each([
    'hunter2-is-not-json',
    '"hunter2"',
    'null',
    '{"password":""}',
    '{"username":"hunter2"}',
    '{"password":1}',
  ])('say nothing of a value that they cannot use: %s', async (text) => {
    const current = manager.versions.get('v1');
    if (current) current.text = text;
    const error = await open()
      .cursorKeys()
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UnavailableError);
    let shown = '';
    for (let cause = error; cause instanceof Error; cause = cause.cause) shown += cause.message;
    expect(shown).toContain('"password"');
    expect(shown).not.toContain('hunter2');
  });

  it('make a call-back secret for each connector, which only the current password gives', async () => {
    const secrets = open();
    const simulator = await secrets.callbackSecret('simulator');
    const expected = createHmac('sha256', 'one').update('callback simulator').digest('base64');
    expect(simulator).toBe(`whsec_${expected}`);
    expect(await secrets.callbackSecret('other')).not.toBe(simulator);
    // Long enough for whoever signs with it.
    createCallbackSigner(simulator);
    manager.rotateTo('v2', 'two');
    clock.advance(5 * MINUTE_MS);
    expect(await secrets.callbackSecret('simulator')).not.toBe(simulator);
  });
});

describe('cursors through a rotation', () => {
  async function withPayments(): Promise<World> {
    const world = createWorld();
    for (let n = 1; n <= 3; n++) await world.pay({ payment_id: `p${n}` });
    return world;
  }

  it('are refused to nobody, whichever of two processes made them, and whatever each has read', async () => {
    const { store } = await withPayments();
    const processes = [open(), open()].map((secrets) => createListPayments({ store, secrets }));
    const cursors: string[] = [];
    const turn = async () => {
      for (const list of processes) {
        const listed = await list({ partition: MERCHANT, limit: 1 });
        if ('refused' in listed || listed.next_cursor === null) throw new Error('no next page');
        cursors.push(listed.next_cursor);
      }
      for (const list of processes) {
        for (const cursor of cursors) {
          const listed = await list({ partition: MERCHANT, limit: 1, cursor });
          expect(listed).not.toHaveProperty('refused');
        }
      }
    };
    await turn();
    // The second process reads its keys at another time than the first.
    clock.advance(3 * MINUTE_MS);
    await processes[1]?.({ partition: MERCHANT, limit: 1 });
    for (let step = 0; step < 60; step++) {
      if (step === 20) manager.rotateTo('v2', 'two');
      await turn();
      clock.advance(10_000);
    }
    // Those of before the rotation are still good; a month later, after the next one, they are not.
    expect(await processes[0]?.({ partition: MERCHANT, limit: 1, cursor: cursors[0] })).toHaveProperty(
      'payments',
    );
    manager.rotateTo('v3', 'three');
    clock.advance(5 * MINUTE_MS);
    const old = await processes[0]?.({ partition: MERCHANT, limit: 1, cursor: cursors[0] });
    expect(old).toEqual({ refused: 'invalid_cursor' });
  });

  it('cost no read for each forged one', async () => {
    const { store } = await withPayments();
    const list = createListPayments({ store, secrets: open() });
    for (let n = 0; n < 50; n++)
      expect(await list({ partition: MERCHANT, limit: 1, cursor: `forged${n}` })).toEqual({
        refused: 'invalid_cursor',
      });
    expect(manager.calls).toHaveLength(4);
  });
});
