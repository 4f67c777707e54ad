import type { TemplateResource } from '../../inventory.ts';
import type { PackSettings } from '../../rule.ts';
import { at, flatText, items } from '../../template-values.ts';

export const BUCKET = 'AWS::S3::Bucket';

/** PCI DSS 4.0.1 requirement 10.5.1: the audit log is kept for at least twelve months. */
export const AUDIT_KEPT_DAYS = 365;

/** The audit log's bucket is known by its name, or by its tag where the name is CloudFormation's. */
export function isAuditBucket({ properties }: TemplateResource, settings: PackSettings): boolean {
  const isTagged = items(at(properties, 'Tags')).some(
    (tag) => at(tag, 'Key') === 'DataClass' && at(tag, 'Value') === 'audit',
  );
  return isTagged || flatText(at(properties, 'BucketName')).startsWith(settings.auditBucketPrefix);
}

export function isLocked({ properties }: TemplateResource): boolean {
  return at(properties, 'ObjectLockEnabled') === true;
}
