import { findings, NOT_APPLICABLE, type PaymentRule } from '../../rule.ts';
import { at } from '../../template-values.ts';
import { BUCKET, isAuditBucket, isLocked } from './audit-bucket.ts';

/** The second of them removes what a first deployment that failed has left behind, which is empty. */
const RETAINED = ['Retain', 'RetainExceptOnCreate'];

export const auditBucketRetained: PaymentRule = {
  name: 'AuditBucketRetained',
  info: 'The audit bucket goes with its stack, or a function empties it although its objects are locked.',
  reason:
    'Deleting a stack must not delete the audit log; and locked objects make the emptying fail half-way.',
  source: 'PCI DSS 4.0.1 requirements 10.3.2 and 10.5.1; trap "Object Lock with auto-delete"',
  types: [BUCKET],
  check(bucket, { stack, settings }) {
    if (!isAuditBucket(bucket, settings)) return NOT_APPLICABLE;
    const isProduction = settings.profile === 'prod';
    const isEmptied = stack
      .ofType('Custom::S3AutoDeleteObjects')
      .some((emptying) => stack.referred(at(emptying.properties, 'BucketName')).includes(bucket));
    return findings({
      AutoDelete: isEmptied && (isProduction || isLocked(bucket)),
      DeletionPolicy: isProduction && !RETAINED.includes(bucket.deletionPolicy ?? 'Delete'),
      UpdateReplacePolicy: isProduction && !RETAINED.includes(bucket.updateReplacePolicy ?? 'Delete'),
    });
  },
};
