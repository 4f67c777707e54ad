import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { auditEntry, entryFromHistory } from './audit-entry.ts';
import { aNewPayment, answered, NOW_MS, RESULTS } from './payment.fixture.ts';
import type { Outcome, Payment } from './payment.ts';
import { commands, EVERYTHING, live } from './payment-life.fixture.ts';

const someCommands = fc.array(commands(fc.option(fc.integer({ min: 1, max: 1_300 }), { nil: undefined })), {
  maxLength: 80,
});

const SETTLED: readonly Outcome[] = ['succeeded', 'failed'];

/** Every version that a payment had, in order. */
function versionsOf(first: Payment, given: Parameters<typeof live>[1]): Payment[] {
  const all = [first];
  live({ payment: first, nowMs: NOW_MS, habits: EVERYTHING }, given, (_, after) => void all.push(after));
  return all;
}

describe('the entry of a change, from the history of a later version', () => {
  it('says what the entry of that time said, but for a reference that was not the last word', () => {
    const manual = fc.constantFrom<('automatic' | 'manual')[]>('automatic', 'manual');
    fc.assert(
      fc.property(manual, someCommands, fc.nat(), (capture_method, given, at) => {
        const all = versionsOf(aNewPayment({ capture_method, metadata: { order: '7' } }), given);
        const later = all[at % all.length] as Payment;
        for (const then of all.slice(0, later.version)) {
          const { filled, ...entry } = entryFromHistory(later, then.version);
          const said = auditEntry(then);
          const { psp_reference: _reference, ...rest } = said.operation;
          const isLastWord = then.version === later.version || SETTLED.includes(said.operation.outcome);
          expect([filled, entry]).toEqual([true, isLastWord ? said : { ...said, operation: rest }]);
        }
      }),
      { seed: 20_261_201, numRuns: 300 },
    );
  });

  it('says nothing of a reference or a failure that came only later', () => {
    const asked = answered(aNewPayment(), RESULTS.pending);
    const failed = answered(asked, RESULTS.failed);
    expect(entryFromHistory(failed, 2).operation).toEqual({
      id: 'charge.1',
      amount: 1000,
      outcome: 'pending',
    });
    expect(entryFromHistory(failed, 3).operation).toMatchObject({ failure: { code: 'card_declined' } });
  });

  it.each([0, 2])('refuses version %i of a payment that has one', (version) => {
    expect(() => entryFromHistory(aNewPayment(), version)).toThrow(`has no version ${version}`);
  });
});
