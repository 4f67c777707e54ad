import { describe, expect, it } from 'vitest';
import type { AuditCompleteness } from '../app/fill-audit.ts';
import { completenessText } from './completeness.ts';

const COMPLETE: AuditCompleteness = {
  records: 1_234_567,
  payments: 600_000,
  missing: 0,
  lost: 0,
  ahead: 0,
  waiting: 0,
  gone: 0,
  written: 0,
  findings: [],
};

describe('what is said of the audit log', () => {
  it('is one line where nothing is missing', () => {
    expect(completenessText(COMPLETE)).toBe(
      'The audit log has every change: 1,234,567 records, 600,000 payments.',
    );
  });

  it('is complete although changes are on their way and payments were deleted', () => {
    const text = completenessText({ ...COMPLETE, waiting: 3, gone: 2_000 });
    expect(text).toMatch(/^The audit log has every change/);
    expect(text).toContain('3 changes of the last 24 hours are still to come from the stream.');
    expect(text).toContain('2,000 payments of the log are no longer in the table');
  });

  it('names payments and their versions, of which there may be many', () => {
    const versions = Array.from({ length: 12 }, (_, index) => index + 1);
    const text = completenessText({
      ...COMPLETE,
      ahead: 12,
      findings: [{ merchant_id: 'm_1', livemode: true, payment_id: 'p1', problem: 'ahead', versions }],
    });
    expect(text).toMatch(/^The audit log is NOT complete/);
    expect(text).toMatch(
      /m_1\s+live\s+p1\s+1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 2 more\s+in the log, and not in/,
    );
  });
});
