import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_HISTORY } from '../domain/limits.ts';
import { aRef } from '../domain/payment.fixture.ts';
import { createLoggedVersions } from './logged-versions.ts';

describe('the versions that a log holds', () => {
  it('are those that were added, in any order and however often', () => {
    const version = fc.integer({ min: 1, max: MAX_HISTORY });
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.integer({ min: 1, max: 32 }), version)), (given) => {
        const logged = createLoggedVersions();
        for (const version of given) logged.add({ ...aRef(), version, kind: 'charge' });
        const versions = logged.take(aRef());
        const all = Array.from({ length: MAX_HISTORY + 1 }, (_, index) => index + 1);
        expect(all.filter((number) => versions.has(number))).toEqual(
          [...new Set(given)].sort((a, b) => a - b),
        );
        expect(all.some((number) => versions.isGap(number))).toBe(false);
        expect(versions.last).toBe(Math.max(0, ...given));
      }),
      { seed: 20_261_202 },
    );
  });

  it('keep merchants, modes and payments apart', () => {
    const logged = createLoggedVersions();
    logged.add({ ...aRef(), version: 1 });
    for (const other of [{ merchant_id: 'm_2' }, { livemode: true }, { payment_id: 'order-2' }])
      expect(logged.take(aRef(other)).last).toBe(0);
    expect(logged.take(aRef()).last).toBe(1);
  });

  it('keep a gap apart from the change that it stands for', () => {
    const logged = createLoggedVersions();
    logged.add({ ...aRef(), version: 2, kind: 'gap' });
    logged.add({ ...aRef(), version: 1, kind: 'charge' });
    const { has, isGap, last } = logged.take(aRef());
    expect([has(1), isGap(1), has(2), isGap(2), last]).toEqual([true, false, false, true, 1]);
  });

  it('are left until they were asked for', () => {
    const logged = createLoggedVersions();
    const other = aRef({ merchant_id: 'm_2', livemode: true });
    logged.add({ ...aRef(), version: 1 });
    logged.add({ ...other, version: 1 });
    logged.take(aRef());
    logged.take(aRef({ payment_id: 'order-2' }));
    expect([logged.isLeft(aRef()), logged.isLeft(other)]).toEqual([false, true]);
    expect(logged.left()).toEqual({ payments: 1, mayLack: false });
    logged.take(other);
    expect(logged.left()).toEqual({ payments: 0, mayLack: false });
  });

  it.each<[number[], boolean]>([
    [[1], false],
    [[2, 1, 2], false],
    [Array.from({ length: 29 }, (_, index) => index + 1), false],
    [[2], true],
    [[1, 3], true],
    [[1, 29], true],
  ])('of %j that are left may lack one: %s', (given, mayLack) => {
    const logged = createLoggedVersions();
    for (const version of given) logged.add({ ...aRef(), version });
    expect(logged.left()).toEqual({ payments: 1, mayLack });
  });

  it('may lack one wherever there are more of them than have a bit, since that is seldom', () => {
    const logged = createLoggedVersions();
    for (let version = 1; version <= 30; version += 1) logged.add({ ...aRef(), version });
    expect(logged.left().mayLack).toBe(true);
  });

  it.each([0, -1, 1.5, MAX_HISTORY + 1, 1e12, '2', undefined])(
    'are none of a record of version %s',
    (version) => {
      const logged = createLoggedVersions();
      logged.add({ ...aRef(), version });
      expect(logged.left().payments).toBe(0);
    },
  );

  it('are none of a record that names no payment', () => {
    const logged = createLoggedVersions();
    logged.add({ version: 1 });
    expect(logged.left().payments).toBe(0);
  });
});
