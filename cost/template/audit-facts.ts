import type { Resource, TemplateModel } from '../../infra/checks/template-model.ts';
import { at, flatText, items, numberOf } from '../../infra/nag/template-values.ts';
import type { DeploymentFacts } from './facts.ts';

type AuditFacts = Pick<DeploymentFacts, 'auditDataEvents' | 'bucketAccessLogs' | 'auditTransition'>;

/** By default S3 moves no smaller object to another class (S3's docs, since September 2024). */
const LEAST_TRANSITION_BYTES = 128 * 1_024;

export function auditBucketOf(template: TemplateModel): Resource | undefined {
  return template.named('AWS::S3::Bucket', 'payment-audit-logs');
}

export function readAuditFacts(template: TemplateModel): AuditFacts {
  const bucket = auditBucketOf(template);
  return {
    auditDataEvents: template
      .ofType('AWS::CloudTrail::Trail')
      .map(({ properties }) => [at(properties, 'AdvancedEventSelectors'), at(properties, 'EventSelectors')])
      .some((selectors) =>
        template.referred(selectors, 'AWS::S3::Bucket').some(({ id }) => id === bucket?.id),
      ),
    bucketAccessLogs: at(bucket?.properties, 'LoggingConfiguration') !== undefined,
    auditTransition: transition(bucket),
  };
}

function transition(bucket: Resource | undefined): AuditFacts['auditTransition'] {
  const lifecycle = at(bucket?.properties, 'LifecycleConfiguration');
  const rule = items(at(lifecycle, 'Rules')).find(
    (each) => flatText(at(each, 'Status')) === 'Enabled' && items(at(each, 'Transitions')).length > 0,
  );
  const [first] = items(at(rule, 'Transitions'));
  if (rule === undefined || first === undefined) return null;
  const above = at(rule, 'ObjectSizeGreaterThan');
  return {
    afterDays: numberOf(at(first, 'TransitionInDays'), 'the days until audit objects move'),
    leastBytes:
      above === undefined
        ? LEAST_TRANSITION_BYTES
        : numberOf(above, 'the least size of audit objects that move') + 1,
  };
}
