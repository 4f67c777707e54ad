import { statements } from '../../policy-statements.ts';
import { judge, NOT_APPLICABLE, type PaymentRule } from '../../rule.ts';
import { at } from '../../template-values.ts';
import { BUCKET, isAuditBucket } from './audit-bucket.ts';

export const auditBucketTransport: PaymentRule = {
  name: 'AuditBucketTransport',
  info: "The audit bucket's policy does not refuse requests without TLS.",
  reason: 'S3 still answers plain HTTP, and the audit log names every payment.',
  source: 'PCI DSS 4.0.1 requirement 4.2.1',
  types: [BUCKET],
  check(bucket, { stack, settings }) {
    if (!isAuditBucket(bucket, settings)) return NOT_APPLICABLE;
    return judge(
      stack
        .ofType('AWS::S3::BucketPolicy')
        .filter((policy) => stack.referred(at(policy.properties, 'Bucket')).includes(bucket))
        .flatMap((policy) => statements(at(policy.properties, 'PolicyDocument')))
        .some(
          (statement) =>
            !statement.isAllow &&
            statement.isForAnyone &&
            statement.actions.includes('s3:*') &&
            String(at(statement.condition, 'Bool', 'aws:SecureTransport')) === 'false',
        ),
    );
  },
};
