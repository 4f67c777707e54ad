import { expect, it } from 'vitest';
import { auditEntry, entryFromHistory } from '../../src/domain/audit-entry.ts';
import { gapEntry } from '../../src/domain/audit-gap.ts';
import { aNewPayment, answered, NOW_MS, RESULTS } from '../../src/domain/payment.fixture.ts';
import { checkAuditLines } from './check-books.ts';

const first = aNewPayment();
const second = answered(first, RESULTS.pending);
const third = answered(second, RESULTS.succeeded);
const books = new Map([['m_1 order-1', third]]);
const [one, two, three] = [first, second, third].map(auditEntry) as [object, object, object];
const filled = (version: number) => entryFromHistory(third, version);

async function findings(entries: readonly object[]): Promise<string[]> {
  const found: string[] = [];
  async function* lines() {
    for (const entry of entries) yield JSON.stringify(entry);
  }
  expect(await checkAuditLines(books, lines(), (finding) => found.push(finding))).toBe(entries.length);
  return found;
}

it.each([
  ['each version in order', [one, two, three]],
  ['a version that was filled later', [one, three, filled(2)]],
  ['versions that were all filled, in any order', [filled(3), filled(1), filled(2)]],
])('an audit log is accepted with %s', async (_, entries) => {
  expect(await findings(entries)).toEqual([]);
});

it.each([
  ['lacks a version', [one, three], ['m_1 order-1 has version 2, which the audit log lacks']],
  ['has one twice', [one, two, two, three], ['Audit record 3: version 2 of m_1 order-1 follows on 2']],
  ['has one that was filled too', [one, two, three, filled(2)], [expect.stringContaining('Audit record 4')]],
  ['is out of order', [one, three, two], ['Audit record 3: version 2 of m_1 order-1 follows on 3']],
  ['is ahead', [one, two, three, { ...three, version: 4 }], [expect.stringContaining('1 versions')]],
  ['has a stranger', [one, two, three, { ...one, payment_id: 'x' }], [expect.stringContaining('m_1 x')]],
  [
    'has a gap',
    [one, gapEntry(first, 2, NOW_MS, 'gone'), three],
    [
      'Audit record 2: a gap where version 2 of m_1 order-1 should be',
      'm_1 order-1 has version 2, which the audit log lacks',
    ],
  ],
])('it is told of an audit log that %s', async (_, entries, expected) => {
  expect(await findings(entries)).toEqual(expected);
});
