import { beforeEach, describe, expect, it } from 'vitest';
import { decodeCursor, encodeCursor } from '../../app/list-cursor.ts';
import { createRotation } from './rotate-secret.ts';
import { type FakeSecretsManager, fakeSecretsManager, SECRET_ID } from './secrets-manager.fixture.ts';

const STEPS = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'];
const FIRST = 'first'.padEnd(32, '0');

describe('the rotation of the secret', () => {
  let manager: FakeSecretsManager;
  let accepts: boolean;

  beforeEach(() => {
    manager = fakeSecretsManager(FIRST);
    manager.stage('v2');
    accepts = true;
  });

  function isUsable(key: string): boolean {
    const place = { created_at: '2026-01-01T00:00:00.000Z', payment_id: 'p1' };
    const filter = { merchant_id: 'm1', livemode: false };
    return accepts && decodeCursor([key], filter, encodeCursor([key], filter, place)) !== null;
  }

  /** A process of its own for each step, as functions are started. */
  function run(step: string, token = 'v2'): Promise<void> {
    const { handle } = createRotation({ client: manager.client(), isUsable });
    return handle({ Step: step, SecretId: SECRET_ID, ClientRequestToken: token });
  }

  function passwordOf(stage: string): unknown {
    return JSON.parse(manager.textOf(stage) ?? 'null')?.password;
  }

  function expectRotated(): void {
    expect(manager.holder('AWSCURRENT')).toBe('v2');
    expect(manager.holder('AWSPREVIOUS')).toBe('v1');
    expect(passwordOf('AWSPREVIOUS')).toBe(FIRST);
    expect(manager.textOf('AWSCURRENT')).toBe(
      JSON.stringify({ username: 'paymentuser', password: 'random1'.padEnd(32, 'x') }),
    );
  }

  it('makes a new password, keeps all else, and moves the label in the last step', async () => {
    for (const step of STEPS) {
      expect(manager.holder('AWSCURRENT')).toBe('v1');
      await run(step);
    }
    expectRotated();
  });

  it('comes to the same when each step is repeated, and when all of them are', async () => {
    for (const step of STEPS) for (let n = 0; n < 3; n++) await run(step);
    expectRotated();
    expect(manager.calls.filter((command) => command === 'GetRandomPasswordCommand')).toHaveLength(1);
    for (const step of STEPS) await run(step);
    expectRotated();
  });

  it('comes to the same when a step runs twice at once', async () => {
    for (const step of STEPS) await Promise.all([run(step), run(step)]);
    expect(manager.holder('AWSCURRENT')).toBe('v2');
    expect(manager.holder('AWSPREVIOUS')).toBe('v1');
  });

  it.each([
    ['before', 'GetRandomPasswordCommand'],
    ['before', 'PutSecretValueCommand'],
    ['after', 'PutSecretValueCommand'],
    ['before', 'UpdateSecretVersionStageCommand'],
    ['after', 'UpdateSecretVersionStageCommand'],
  ] as const)('comes to the same after a crash %s %s', async (when, command) => {
    let crashes = 1;
    manager[when] = async (sent) => {
      if (sent === command && crashes-- > 0) throw new Error('killed');
    };
    let killed = 0;
    for (const step of STEPS) {
      await run(step).catch(async (error: Error) => {
        expect(error.message).toBe('killed');
        killed += 1;
        await run(step);
      });
    }
    expect(killed).toBe(1);
    expect(manager.holder('AWSCURRENT')).toBe('v2');
    expect(manager.holder('AWSPREVIOUS')).toBe('v1');
    expect(passwordOf('AWSCURRENT')).toMatch(/^random\dx{25}$/);
  });

  it.each(['testSecret', 'finishSecret'])(
    'refuses %s before there is anything in the version',
    async (step) => {
      await expect(run(step)).rejects.toThrow('has nothing in it yet');
      expect(manager.holder('AWSCURRENT')).toBe('v1');
    },
  );

  it('has nothing to set anywhere', async () => {
    await run('setSecret');
    expect(manager.calls).toEqual(['DescribeSecretCommand']);
  });

  it.each([
    ['is not JSON', 'x'],
    ['has no password', '{"username":"paymentuser"}'],
    ['is too short', '{"password":"short"}'],
    ['is the one to replace', JSON.stringify({ password: FIRST })],
  ])('does not pass a pending version whose password %s', async (_, text) => {
    const pending = manager.versions.get('v2');
    if (pending) pending.text = text;
    await expect(run('testSecret')).rejects.toThrow(/pending version|AWSPENDING/);
    expect(manager.holder('AWSCURRENT')).toBe('v1');
  });

  it('does not pass a password whose signatures are not accepted', async () => {
    await run('createSecret');
    accepts = false;
    await expect(run('testSecret')).rejects.toThrow('not accepted');
  });

  it('does nothing for a version that is current already, whatever the step', async () => {
    for (const step of STEPS) await run(step);
    manager.calls.length = 0;
    for (const step of STEPS) await run(step);
    expect(new Set(manager.calls)).toEqual(new Set(['DescribeSecretCommand']));
  });

  it('refuses a secret that is not enabled for rotation', async () => {
    manager.rotationEnabled = false;
    for (const step of STEPS) await expect(run(step)).rejects.toThrow('not enabled for rotation');
  });

  it('refuses a token that is of no version, or of one that is not pending', async () => {
    for (const step of STEPS) {
      await expect(run(step, 'v9')).rejects.toThrow('no version v9');
      manager.stage('v3');
      await expect(run(step, 'v2')).rejects.toThrow('not staged as AWSPENDING');
    }
    expect(manager.holder('AWSCURRENT')).toBe('v1');
  });

  it('refuses a step that it does not know', async () => {
    await expect(run('deleteSecret')).rejects.toThrow('"deleteSecret" is not a step');
  });

  it('keeps two versions alive through several rotations', async () => {
    for (const token of ['v2', 'v3', 'v4']) {
      if (token !== 'v2') manager.stage(token);
      for (const step of STEPS) await run(step, token);
    }
    expect(manager.holder('AWSCURRENT')).toBe('v4');
    expect(manager.holder('AWSPREVIOUS')).toBe('v3');
    expect(passwordOf('AWSCURRENT')).not.toBe(passwordOf('AWSPREVIOUS'));
  });
});
