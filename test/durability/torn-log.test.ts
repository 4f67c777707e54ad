import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { checkTornAudit } from './torn-audit.ts';
import { checkTorn, type Damage, offsetsOf } from './torn-log.ts';
import { tornPayments, tornSimulator } from './torn-subjects.ts';

// A look at what `npm run torn-writes` does at length.
const folder = mkdtempSync(join(tmpdir(), 'tollgate-torn-'));
afterAll(() => rmSync(folder, { recursive: true }));

const payments = await tornPayments(folder, 1);
const simulator = await tornSimulator(folder, 1);
const DAMAGES: readonly Damage[] = ['cut', 'garbled'];
const EVERY_BYTES = 2_048;
const lengthOf = (subject: typeof payments) => subject.commits.at(-1)?.logBytes ?? 0;

describe.each(DAMAGES)('a log that is %s', (damage) => {
  it.each([payments, simulator])('opens to a prefix of what was committed: $name', (subject) => {
    const report = checkTorn(subject, damage, offsetsOf(lengthOf(subject), EVERY_BYTES));
    expect(report.findings).toEqual([]);
    expect(report.checked).toBeGreaterThan(100);
  });

  it('of the audit is cut to its head, and written on from the feed to the same bytes', async () => {
    const report = await checkTornAudit(join(folder, `audit-${damage}`), damage, 97);
    expect(report.findings).toEqual([]);
    expect(report.checked).toBeGreaterThan(20);
  });
});

describe('the check', () => {
  const offsets = () => [...offsetsOf(lengthOf(payments), EVERY_BYTES)];

  it('finds out a commit that is lost', () => {
    const [first, ...others] = payments.commits;
    const tooLong = others.map((commit) => ({ ...commit, logBytes: commit.logBytes - 1 }));
    const lossy = { ...payments, commits: [first as (typeof others)[number], ...tooLong] };
    expect(checkTorn(lossy, 'cut', offsets()).findings[0]).toMatch(/the state after commit \d instead of/);
  });

  it('finds out a state that no commit has left', () => {
    const strange = { ...payments, commits: payments.commits.map((commit) => ({ ...commit, state: '' })) };
    expect(checkTorn(strange, 'cut', [0]).findings[0]).toContain('what no commit ever left');
  });

  it('finds out a payment without its change', () => {
    const { commits, path } = payments;
    const alone = {
      ...payments,
      read: () => commits.at(-1)?.state ?? '',
      problems: (connection: Parameters<typeof payments.problems>[0]) =>
        payments.problems({
          prepare: (sql: string) => connection.prepare(sql.includes('changes') ? `${sql} LIMIT 1` : sql),
        } as typeof connection),
    };
    expect(path).toContain('tollgate.db');
    expect(checkTorn(alone, 'cut', [lengthOf(payments)]).findings).toEqual([
      expect.stringContaining('has version 2, and the feed does not'),
    ]);
  });
});
