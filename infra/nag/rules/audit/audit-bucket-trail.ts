import type { StackInventory, TemplateResource } from '../../inventory.ts';
import { judge, NOT_APPLICABLE, type PaymentRule } from '../../rule.ts';
import { at, items, texts } from '../../template-values.ts';
import { BUCKET, isAuditBucket } from './audit-bucket.ts';

const S3_OBJECT = 'AWS::S3::Object';

function records(trail: TemplateResource, bucket: TemplateResource, stack: StackInventory): boolean {
  const isOurs = (value: unknown) => stack.referred(value).includes(bucket);
  const selected = items(at(trail.properties, 'EventSelectors'))
    .filter((selector) => at(selector, 'ReadWriteType') !== 'ReadOnly')
    .flatMap((selector) => items(at(selector, 'DataResources')))
    .some((data) => at(data, 'Type') === S3_OBJECT && isOurs(at(data, 'Values')));
  const selectedByFields = items(at(trail.properties, 'AdvancedEventSelectors')).some((selector) => {
    const fields = items(at(selector, 'FieldSelectors'));
    const field = (name: string) => fields.find((one) => at(one, 'Field') === name);
    const arn = field('resources.ARN');
    const isOfObjects = texts(at(field('resources.type'), 'Equals')).includes(S3_OBJECT);
    return isOfObjects && (arn === undefined || isOurs(arn));
  });
  return at(trail.properties, 'IsLogging') === true && (selected || selectedByFields);
}

export const auditBucketTrail: PaymentRule = {
  name: 'AuditBucketTrail',
  info: 'No trail records who reads and writes the objects of the audit bucket.',
  reason: "Without data events CloudTrail shows the bucket's settings only, and not who touched the log.",
  source: 'PCI DSS 4.0.1 requirements 10.2.1.3 (access to audit logs) and 10.3.4; aws.md row 7',
  types: [BUCKET],
  check(bucket, { stack, settings }) {
    if (settings.profile !== 'prod' || !isAuditBucket(bucket, settings)) return NOT_APPLICABLE;
    return judge(stack.ofType('AWS::CloudTrail::Trail').some((trail) => records(trail, bucket, stack)));
  },
};
