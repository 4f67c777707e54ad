import { expect, it } from 'vitest';
import { createMarks } from './marks.ts';
import { createPhaseRecord } from './phase-record.ts';
import { isValid } from './traffic.ts';

const REFUSED = { kind: 'refused', what: '503 overloaded', complete: true } as const;

it('a phase counts from the moment a request was due, and tells the kinds of answers apart', () => {
  const record = createPhaseRecord({ name: 'overloaded', seconds: 4 }, 1_000);
  const ask = (dueMs: number, lagMs: number) => record.sent(dueMs, dueMs + lagMs);
  ask(1_010, 0);
  ask(1_020, 3);
  ask(1_030, 0);
  ask(1_040, 0);
  ask(1_050, 0);
  record.answered({ dueMs: 1_010, waits: false }, { kind: 'accepted' }, 1_014);
  record.answered({ dueMs: 1_020, waits: true }, { kind: 'accepted' }, 1_100);
  record.answered({ dueMs: 1_040, waits: false }, { ...REFUSED, complete: false }, 1_041);
  record.answered({ dueMs: 1_030, waits: false }, REFUSED, 1_045);
  expect(record.open()).toBe(1);
  record.answered({ dueMs: 1_050, waits: false }, { kind: 'unanswered' }, 9_000);
  expect(record.open()).toBe(0);
  expect(record.result(2)).toMatchObject({
    name: 'overloaded',
    startMs: 1_000,
    sent: 5,
    accepted: 2,
    refused: { '503 overloaded': 2 },
    incomplete: 1,
    unanswered: 1,
    acceptedMs: { count: 1, maxMs: 4 },
    waitedMs: { count: 1, maxMs: 80 },
    refusedMs: { count: 2, maxMs: 15 },
    lagMs: { count: 5, maxMs: 3 },
    queued: 2,
    lastRefusedMs: 40,
  });
});

it('a phase in which the generator was late, or out of connections, tells nothing', () => {
  const phaseWith = (lagMs: number, queued: number) => {
    const record = createPhaseRecord({ name: 'unloaded', seconds: 1 }, 0);
    for (let at = 0; at < 100; at++) record.sent(at, at + (at < 98 ? 0 : lagMs));
    return record.result(queued);
  };
  expect(isValid(phaseWith(9, 0))).toBe(true);
  expect(isValid(phaseWith(11, 0))).toBe(false);
  expect(isValid(phaseWith(0, 1))).toBe(true);
  expect(isValid(phaseWith(0, 2))).toBe(false);
});

it('marks are kept through their text, however far apart they are', () => {
  const marks = createMarks();
  const numbers = [0, 7, 8, 8_191, 8_192, 100_001];
  for (const number of numbers) marks.add(number);
  const copy = createMarks(marks.toBase64());
  expect(numbers.every((number) => copy.has(number))).toBe(true);
  expect([1, 9, 8_190, 8_193, 100_000, 5_000_000].some((number) => copy.has(number))).toBe(false);
});
