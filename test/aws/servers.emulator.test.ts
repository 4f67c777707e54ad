import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runIn } from '../../src/cli/cli.fixture.ts';
import { javaMissing } from '../emulators/dynamodb-local.ts';
import { type ServerProcess, startServerProcess } from '../server-process.ts';
import { startProgram, until } from './child-process.fixture.ts';
import { type Cloud, startCloud } from './cloud.fixture.ts';

const POSTS = 50;

describe.skipIf(javaMissing)('two servers on one deployment', () => {
  const servers: ServerProcess[] = [];
  let urls: string[] = [];
  let cloud: Cloud;
  let key: string;

  beforeAll(async () => {
    cloud = await startCloud();
    const made = await runIn(process.env, 'keys create --merchant shop --mode test --json'.split(' '));
    key = String(made.json().key);
    for (let number = 0; number < 2; number += 1)
      servers.push(startServerProcess({ STORE: 'dynamodb', PORT: '0', LOG_LEVEL: 'info' }));
    urls = await Promise.all(servers.map(({ ready }) => ready));
  }, 90_000);

  afterAll(async () => {
    await Promise.all(servers.map((server) => server.kill()));
    await cloud.stop();
  });

  async function ask(url: string, path: string, json?: object, headers: Record<string, string> = {}) {
    const response = await fetch(`${url}${path}`, {
      method: json ? 'POST' : 'GET',
      headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json', ...headers },
      ...(json ? { body: JSON.stringify(json) } : {}),
    });
    return { status: response.status, headers: response.headers, text: await response.text() };
  }

  it('are alive, ready and measured', async () => {
    for (const url of urls) {
      expect(await ask(url, '/health')).toMatchObject({ status: 200, text: '{"status":"ok"}' });
      const ready = await ask(url, '/ready');
      expect([ready.status, JSON.parse(ready.text)]).toMatchObject([200, { ready: true }]);
      const metrics = await ask(url, '/metrics');
      expect([metrics.status, metrics.text]).toEqual([200, expect.stringMatching(/^tollgate_backlog 0$/m)]);
    }
  });

  it('take one payment when both are asked for it at the same time, again and again', async () => {
    const answers = await Promise.all(
      Array.from({ length: POSTS }, (_, n) =>
        ask(urls[n % 2] as string, '/payments', { payment_id: 'same', amount: 1_000 }),
      ),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    const first = answers.filter(({ headers }) => headers.get('idempotent-replayed') === null);
    expect(first).toHaveLength(1);
    const { Items = [] } = await cloud.dynamo.client().send(
      new ScanCommand({
        TableName: cloud.config.TABLE_NAME,
        FilterExpression: 'attribute_exists(pk) AND attribute_exists(#record)',
        ExpressionAttributeNames: { '#record': 'record' },
      }),
    );
    expect(Items.map(({ pk, version }) => [pk?.S?.split('#').at(-1), version?.N])).toEqual([['same', '1']]);
  });

  it('show to one what the other has taken, and refuse a key at once that was revoked', async () => {
    const [one, other] = urls as [string, string];
    await ask(one, '/payments', { payment_id: 'shared', amount: 5 });
    expect((await ask(other, '/payments/shared')).status).toBe(200);
    const made = await runIn(process.env, 'keys create --merchant shop --mode test --json'.split(' '));
    const headers = { Authorization: `Bearer ${made.json().key}` };
    await runIn(process.env, ['keys', 'revoke', String(made.json().key_id)]);
    expect((await ask(other, '/payments/shared', undefined, headers)).status).toBe(401);
  });

  it('answer who waits when they are told to stop, and exit with 0', async () => {
    for (const [number, server] of servers.entries()) {
      const url = urls[number] as string;
      const prefer = { Prefer: 'wait=25' };
      const waiting = ask(url, '/payments', { payment_id: `w-${number}`, amount: 5 }, prefer);
      await until('somebody who waits', { said: server.errors }, async () => {
        const { text } = await ask(url, '/metrics');
        return /^tollgate_waiters 1$/m.test(text) ? true : null;
      });
      const [answer, exit] = await Promise.all([waiting, server.stop()]);
      expect([answer.status, exit]).toEqual([201, { code: 0, signal: null }]);
      expect(server.errors()).toMatch(/"msg":"stopped"/);
    }
  });

  it('do not start where nothing is reached, and say so without a stack trace', async () => {
    const nowhere = { AWS_ENDPOINT_URL_SECRETS_MANAGER: 'http://127.0.0.1:1', STORE: 'sqlite', PORT: '0' };
    for (const argv of [['src/entrypoints/cli.ts', 'serve'], ['src/entrypoints/server.ts']]) {
      const server = startProgram([...argv, '--store', 'dynamodb'], nowhere);
      expect(await server.exited).toBe(4);
      expect(server.said()).toMatch(/^The secret could not be read.*ECONNREFUSED.*\n$/);
    }
  });
});
