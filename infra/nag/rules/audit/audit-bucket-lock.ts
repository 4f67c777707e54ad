import { findings, NOT_APPLICABLE, type PaymentRule } from '../../rule.ts';
import { at, numberOf } from '../../template-values.ts';
import { AUDIT_KEPT_DAYS, BUCKET, isAuditBucket, isLocked } from './audit-bucket.ts';

const DAYS_OF_YEAR = 365;

export const auditBucketLock: PaymentRule = {
  name: 'AuditBucketLock',
  info: 'The audit bucket is not versioned, or (in prod) not locked in COMPLIANCE mode for at least a year.',
  reason:
    'A log that its writer can change proves nothing; governance mode can be lifted by an administrator.',
  source: 'PCI DSS 4.0.1 requirements 10.3.2, 10.3.4 and 10.5.1; trap "Object Lock … or versioning off"',
  types: [BUCKET],
  check(bucket, { settings }) {
    if (!isAuditBucket(bucket, settings)) return NOT_APPLICABLE;
    const isProduction = settings.profile === 'prod';
    const retention = at(bucket.properties, 'ObjectLockConfiguration', 'Rule', 'DefaultRetention');
    return findings({
      Versioning: at(bucket.properties, 'VersioningConfiguration', 'Status') !== 'Enabled',
      ObjectLock: isProduction && !isLocked(bucket),
      Compliance: isProduction && at(retention, 'Mode') !== 'COMPLIANCE',
      Retention: isProduction && keptDays(retention) < AUDIT_KEPT_DAYS,
    });
  },
};

function keptDays(retention: unknown): number {
  const days = numberOf(at(retention, 'Days') ?? 0, 'The days of the retention');
  const years = numberOf(at(retention, 'Years') ?? 0, 'The years of the retention');
  return days + years * DAYS_OF_YEAR;
}
