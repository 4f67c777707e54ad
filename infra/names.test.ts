import { describe, expect, it } from 'vitest';
import { createNames } from './names.ts';

const names = createNames({ environmentSuffix: 'dev123', region: 'eu-west-1' });

describe('a name', () => {
  it('ends in the suffix', () => {
    expect(names.of('payment-queue')).toBe('payment-queue-dev123');
  });

  it('carries the region where it is one in the whole account', () => {
    expect(names.accountWide('payment-ops')).toBe('payment-ops-eu-west-1-dev123');
  });

  it('carries account and region where it is one in the whole world', () => {
    expect(names.bucket('payment-audit-logs', '123456789012', 'eu-west-1')).toBe(
      'payment-audit-logs-dev123-123456789012-eu-west-1',
    );
  });

  it('has the suffix in the middle where it is a path', () => {
    expect(names.parameter('table-name')).toBe('/payment/dev123/table-name');
  });
});

/** The longest suffix and the longest name of a region there is. */
const longest = createNames({ environmentSuffix: 'abcdefghijklmno', region: 'ap-southeast-1' });

describe('with the longest suffix and region', () => {
  it.each([
    ['bucket', 63, longest.bucket('payment-access-logs', '123456789012', 'ap-southeast-1')],
    ['bucket', 63, longest.bucket('payment-audit-logs', '123456789012', 'ap-southeast-1')],
    ['bucket', 63, longest.bucket('failed-events', '123456789012', 'ap-southeast-1')],
    ['function', 64, longest.of('payment-authorizer')],
    ['role', 64, longest.accountWide('payment-authorizer')],
    ['queue', 80, longest.of('payment-alerts-dlq')],
    ['backup vault', 50, longest.of('payment-backups')],
    ['budget', 100, longest.accountWide('payment-budget')],
    ['policy', 128, longest.accountWide('payment-fleet-operate')],
    ['firewall', 128, longest.of('payment-waf')],
    ['dashboard', 255, longest.accountWide('payment-security')],
    ['alarm', 255, longest.of('payment-processor-errors')],
  ])('a %s keeps to its %i characters: %s', (_kind, limit, name) => {
    expect(name.length).toBeLessThanOrEqual(limit);
  });
});
