import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createContract } from './contract.ts';
import { bytesOf, isScript } from './exchange.ts';
import { createGenerator, kindNames } from './generate.ts';
import { KEY_NAMES, type Keys } from './plan.ts';

const contract = createContract(readFileSync(join(import.meta.dirname, '../../openapi.json'), 'utf8'));
const keys = Object.fromEntries(KEY_NAMES.map((name) => [name, `tg_test_${name}`])) as Keys;
const COUNT = 1_200;

/** Everything that the first numbers of a seed send. */
function bytesOfSeed(seed: number): string {
  const generator = createGenerator(seed, contract, keys);
  const hash = createHash('sha256');
  for (let number = 0; number < COUNT; number++) {
    const { kind, needs, act } = generator.exchange(number);
    hash.update(`${number} ${kind} ${needs}`);
    if (isScript(act)) hash.update(JSON.stringify(act.steps));
    else for (const request of act.requests) hash.update(bytesOf(request));
  }
  return hash.digest('hex');
}

describe('what is sent', () => {
  it('is the same for the same seed, and other for another', () => {
    expect(bytesOfSeed(1)).toBe(bytesOfSeed(1));
    expect(bytesOfSeed(1)).not.toBe(bytesOfSeed(2));
  });

  it('is the same for a number alone as after all others', () => {
    const [all, alone] = [createGenerator(7, contract, keys), createGenerator(7, contract, keys)];
    for (let number = 0; number < 900; number++) all.exchange(number);
    expect(JSON.stringify(alone.exchange(899))).toBe(JSON.stringify(all.exchange(899)));
  });

  it('has all kinds, and every route of the document', () => {
    const generator = createGenerator(3, contract, keys);
    const kinds = new Set<string>();
    const asked = new Set<string | null>();
    for (let number = 0; number < 30_000; number++) {
      const kind = generator.kindOf(number);
      kinds.add(kind);
      if (kind !== 'each refusal of each route') continue;
      const { act } = generator.exchange(number);
      if (isScript(act)) continue;
      for (const { method, target } of act.requests) {
        asked.add(contract.name(method, target, { status: 200, headers: {}, text: '', json: {} }));
      }
    }
    expect([...kinds].sort()).toEqual([...kindNames()].sort());
    expect(asked).toEqual(
      new Set(contract.operations.map(({ method, template }) => `${method} ${template} 200`)),
    );
  });
});

describe('what a number needs', () => {
  it('comes before it, and after what that needs itself', () => {
    const generator = createGenerator(5, contract, keys);
    const number =
      2_000 + Array.from({ length: 500 }, (_, n) => generator.kindOf(2_000 + n)).indexOf('operate again');
    const order = generator.withNeeds(number);
    expect(order.at(-1)).toBe(number);
    expect(order.length).toBeGreaterThan(2);
    for (const one of order) {
      for (const needed of generator.exchange(one).needs) {
        expect(order.indexOf(needed)).toBeLessThan(order.indexOf(one));
      }
    }
  });
});
