import { describe, expect, it } from 'vitest';
import { deferred, settled } from './app.fixture.ts';
import { createInTurn } from './in-turn.ts';

describe('in turn', () => {
  it('waits for what came before under the same key, and for nothing else', async () => {
    const inTurn = createInTurn();
    const first = deferred();
    const begun: string[] = [];
    const work = (name: string, until: Promise<void>) => () => {
      begun.push(name);
      return until.then(() => name);
    };
    const one = inTurn('a', work('a1', first.promise));
    const two = inTurn('a', work('a2', Promise.resolve()));
    const other = inTurn('b', work('b1', Promise.resolve()));
    expect(await other).toBe('b1');
    expect(begun).toEqual(['a1', 'b1']);
    first.resolve();
    expect([await one, await two]).toEqual(['a1', 'a2']);
  });

  it('goes on after one that failed, which fails alone', async () => {
    const inTurn = createInTurn();
    const failing = inTurn('a', () => Promise.reject(new Error('full')));
    const next = inTurn('a', async () => 'done');
    await expect(failing).rejects.toThrow('full');
    expect(await next).toBe('done');
    await settled();
    expect(await inTurn('a', async () => 'again')).toBe('again');
  });
});
