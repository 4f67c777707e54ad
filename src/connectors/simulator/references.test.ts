import { expect, it } from 'vitest';
import type { OperationKind } from '../../domain/payment.ts';
import { referenceOf, slotIn, slotOf } from './references.ts';

it('names an operation by its kind, in few characters', () => {
  const kinds: OperationKind[] = ['charge', 'authorize', 'capture', 'cancel', 'refund', 'reversal'];
  const references = kinds.map((kind) => referenceOf(kind, slotOf('key')));
  expect(references.map((reference) => reference.slice(0, 7))).toEqual(
    ['ch', 'au', 'cp', 'cn', 're', 'rv'].map((kind) => `sim_${kind}_`),
  );
  for (const reference of references) {
    expect(reference).toMatch(/^sim_[a-z]{2}_[A-Za-z0-9_-]{14}$/);
    expect(slotIn(reference)).toBe(slotOf('key'));
  }
});

it('never gives two keys one name, nor a name with the digits of a card number in it', () => {
  const slots = Array.from({ length: 50_000 }, (_, n) => slotOf(`key ${n}`));
  expect(new Set(slots).size).toBe(slots.length);
  expect(slots.filter((slot) => /\d(-?\d){9}/.test(slot))).toEqual([]);
});
