import { describe, expect, it } from 'vitest';
import type { Call } from './call-units.ts';
import { createLedger } from './ledger.ts';

function rig() {
  const ledger = createLedger();
  const delivered: string[] = [];
  const pass = (operation: string) =>
    ledger.pass(
      (): Call => ({ service: 'dynamodb', operation, units: {} }),
      () => void delivered.push(operation),
    );
  const operations = () => ledger.end().map((round) => round.map(({ operation }) => operation));
  return { ledger, delivered, pass, operations };
}

describe('the ledger', () => {
  it('holds answers back until they are let go of, and then they are one round', () => {
    const { ledger, delivered, pass, operations } = rig();
    ledger.begin();
    pass('a');
    pass('b');
    expect(delivered).toEqual([]);
    ledger.release(2);
    expect(delivered).toEqual(['a', 'b']);
    pass('c');
    ledger.release(1);
    expect(operations()).toEqual([['a', 'b'], ['c']]);
  });

  it('lets go only when all the answers are there', () => {
    const { ledger, delivered, pass } = rig();
    ledger.begin();
    ledger.release(2);
    pass('a');
    expect(delivered).toEqual([]);
    pass('b');
    expect(delivered).toEqual(['a', 'b']);
  });

  it('passes on at once, and counts nothing, while it does not count', () => {
    const { ledger, delivered, pass, operations } = rig();
    pass('a');
    expect(delivered).toEqual(['a']);
    ledger.begin();
    expect(operations()).toEqual([]);
  });

  it('keeps nobody waiting when it ends', () => {
    const { ledger, delivered, pass, operations } = rig();
    ledger.begin();
    pass('a');
    expect(operations()).toEqual([['a']]);
    expect(delivered).toEqual(['a']);
  });
});
