import { expect, it } from 'vitest';
import { readAudit } from './dependency-audit.ts';

it('is clean where the registry answered and knows nothing bad', () => {
  const report = { auditReportVersion: 2, vulnerabilities: {}, metadata: { dependencies: { total: 397 } } };
  expect(readAudit(JSON.stringify(report))).toEqual({ kind: 'clean', packages: 397 });
});

it('names what the registry knows, and whether there is a fix', () => {
  const vulnerabilities = {
    left: { severity: 'high', range: '<1.2.3', fixAvailable: true },
    right: { severity: 'low', range: '*', fixAvailable: false },
  };
  expect(readAudit(JSON.stringify({ vulnerabilities }))).toEqual({
    kind: 'vulnerable',
    findings: ['left <1.2.3: high, a fix is available', 'right *: low, no fix is known'],
  });
});

it.each([
  ['{"message":"405 Method Not Allowed","error":{"summary":"","detail":""}}', '405 Method Not Allowed'],
  [
    '{"error":{"code":"ENOTFOUND","summary":"request to the registry failed"}}',
    'request to the registry failed',
  ],
  ['{"error":{"code":"ENOAUDIT"}}', 'ENOAUDIT'],
  ['{}', 'npm gave no reason'],
  ['', 'npm printed no report'],
  ['null', 'npm printed no report'],
])('could not be asked, and says why, where npm prints %s', (printed, reason) => {
  expect(readAudit(printed)).toEqual({ kind: 'not_asked', reason });
});
