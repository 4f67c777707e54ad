import { describe, expect, it } from 'vitest';
import { UnavailableError } from '../../src/ports/faults.ts';
import { startEdge } from './edge.fixture.ts';

async function broken(error: unknown) {
  const edge = await startEdge({
    get: () => Promise.reject(error),
    operations: {
      capture: () => Promise.reject(error),
      cancel: () => Promise.reject(error),
      refund: () => Promise.reject(error),
    },
  });
  return {
    ...edge,
    answers: await Promise.all([edge.send('GET', '/payments/p1'), edge.send('POST', '/payments/p1/refunds')]),
  };
}

describe('a fault of ours', () => {
  it('is 500 internal_error, with the headers of every authenticated answer, and tells nothing of its cause', async () => {
    const { answers } = await broken(new TypeError('cannot read "sk_secret" of undefined'));
    for (const { status, headers, json, text } of answers) {
      expect([status, json.code, headers['content-type']]).toEqual([
        500,
        'internal_error',
        'application/problem+json',
      ]);
      expect(json.request_id).toBe(headers['request-id']);
      expect(headers.ratelimit).toMatch(/^"default";r=\d+;t=\d+$/);
      expect(text).not.toMatch(/sk_secret|TypeError|undefined|\.ts/);
    }
  });

  it('is logged with its cause under the id that was answered', async () => {
    const { answers, world } = await broken(new TypeError('cannot read that'));
    const ids = world.log.flatMap(({ level, fields }) =>
      level === 'error' ? [(fields as { request_id: string }).request_id] : [],
    );
    expect(ids).toEqual(answers.map(({ json }) => json.request_id));
    expect(JSON.stringify(world.log)).toContain('cannot read that');
  });

  it('is 503 unavailable with Retry-After where the store says that it cannot', async () => {
    const { answers } = await broken(new UnavailableError('the disk /dev/sda is full'));
    for (const { status, json, headers, text } of answers) {
      expect([status, json.code, headers['retry-after']]).toEqual([503, 'unavailable', '1']);
      expect(headers.ratelimit).toBeDefined();
      expect(text).not.toContain('sda');
    }
  });

  it('of the key store lets nobody in', async () => {
    const { send, world } = await startEdge({
      authenticate: () => Promise.reject(new UnavailableError('the keys cannot be read')),
    });
    expect((await send('GET', '/payments/p1')).json.code).toBe('unavailable');
    expect((await send('POST', '/payments', { payment_id: 'p1', amount: 1 })).status).toBe(503);
    await expect(world.get('p1')).rejects.toThrow('there is no payment p1');
  });
});
