import type { Resource, TemplateModel } from '../../infra/checks/template-model.ts';
import { at, flatText, items } from '../../infra/nag/template-values.ts';
import { auditBucketOf } from './audit-facts.ts';
import { compliance } from './compliance.ts';
import { free, type Part, type Registry } from './reader.ts';
import { byTheMonth } from './standing.ts';

/** Calls that change or read settings of an account that runs this and little else: about four a minute. */
const MANAGEMENT_EVENTS = 200_000;

export const SECURITY: Registry = {
  'AWS::KMS::Key': { fixed: keys },
  'AWS::KMS::ReplicaKey': { fixed: keys },
  'AWS::SecretsManager::Secret': {
    fixed: (found) =>
      byTheMonth({ component: 'security', what: 'secrets', price: 'secrets.secret', count: found.length }),
  },
  'AWS::CloudTrail::Trail': { fixed: trails },
  'AWS::GuardDuty::Detector': { fixed: detectors },
  'AWS::Shield::Protection': { fixed: shield },
  ...compliance,
  ...free('a name for a key', 'AWS::KMS::Alias'),
  ...free(
    'when and by whom a secret is changed costs nothing',
    'AWS::SecretsManager::RotationSchedule',
    'AWS::SecretsManager::ResourcePolicy',
  ),
  ...free(
    'IAM costs nothing',
    'AWS::IAM::Role',
    'AWS::IAM::Policy',
    'AWS::IAM::RolePolicy',
    'AWS::IAM::ManagedPolicy',
    'AWS::IAM::InstanceProfile',
    'AWS::IAM::ServiceLinkedRole',
  ),
  ...free('a public certificate costs nothing', 'AWS::CertificateManager::Certificate'),
};

function keys(found: readonly Resource[]): Part[] {
  return byTheMonth({
    component: 'security',
    what: 'encryption keys',
    price: 'kms.key',
    count: found.length,
    note: `${found.length} in the template, before its first yearly rotation`,
  });
}

/**
 * The first copy of management events is free. Data events of the audit bucket are the model's; those of anything else
 * nobody counts.
 */
function trails(found: readonly Resource[], template: TemplateModel): Part[] {
  return found.flatMap(({ id, properties }) => {
    const advanced = items(at(properties, 'AdvancedEventSelectors')).filter(
      (selector) => fieldOf(selector, 'eventCategory') === 'Data',
    );
    const plain = items(at(properties, 'EventSelectors')).flatMap((selector) =>
      items(at(selector, 'DataResources')),
    );
    const bucket = auditBucketOf(template)?.id;
    const others = [...advanced, ...plain].filter(
      (selector) => !template.referred(selector, 'AWS::S3::Bucket').some((each) => each.id === bucket),
    );
    return [
      ...others.map(() => ({ logicalId: id, why: 'data events of more than the audit bucket' })),
      ...(at(properties, 'InsightSelectors') === undefined
        ? []
        : [{ logicalId: id, why: 'CloudTrail Insights: the model counts none' }]),
    ];
  });
}

function fieldOf(selector: unknown, name: string): string {
  const field = items(at(selector, 'FieldSelectors')).find((each) => flatText(at(each, 'Field')) === name);
  return flatText(items(at(field, 'Equals'))[0]);
}

/** It is paid by what it reads; of that only the account's own events do not follow from the payments. */
function detectors(found: readonly Resource[]): Part[] {
  const enabled = found.filter(({ properties }) => at(properties, 'Enable') === true);
  return [
    ...byTheMonth({
      component: 'security',
      what: 'GuardDuty: management events',
      price: 'guardduty.cloudtrail',
      count: enabled.length * MANAGEMENT_EVENTS,
      note: `${MANAGEMENT_EVENTS} events in the account`,
      basis: 'assumed',
    }),
    ...enabled.map(({ id }) => ({
      logicalId: id,
      why: 'what GuardDuty reads of network and audit log is not in the model',
    })),
  ];
}

/** A protection costs nothing, but there is none without the subscription. */
function shield(): Part[] {
  return byTheMonth({
    component: 'security',
    what: 'Shield Advanced',
    price: 'shield.advanced',
    count: 1,
    note: 'the whole subscription, which an organization has once',
    basis: 'assumed',
  });
}
