import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sendCanary } from './canary.ts';
import { PACK_NAMES, TEMPLATE_VALIDATION } from './packs.ts';
import { PAYMENT_RULES } from './rules/payment-rules.ts';
import type { ValidationReport } from './validation-report.ts';
import { ENGINE_START_MS } from './validations.fixture.ts';

describe('The canary', () => {
  const folder = mkdtempSync(join(tmpdir(), 'canary-'));
  let report: ValidationReport;

  beforeAll(() => {
    report = sendCanary(folder);
  }, ENGINE_START_MS);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each([...PACK_NAMES, TEMPLATE_VALIDATION])('fails %s', (pack) => {
    expect(report.open.filter((finding) => finding.pack === pack)).not.toEqual([]);
  });

  it.each(PAYMENT_RULES.map((rule) => rule.name))('breaks the rule Payment-%s of our own pack', (name) => {
    const rules = report.open.map((finding) => finding.rule.replace(/\[.*$/s, ''));
    expect(rules).toContain(`Payment-${name}`);
  });

  it('is not stopped by a rule of ours that throws instead of judging', () => {
    const ours = report.open.filter((finding) => finding.pack === 'Payment');
    expect(ours.filter((finding) => finding.description.includes('threw'))).toEqual([]);
  });

  it('keeps the errors of the template as errors', () => {
    const severities = report.open
      .filter((finding) => finding.pack === TEMPLATE_VALIDATION)
      .map((finding) => finding.severity);
    expect(severities).toContain('error');
  });
});
