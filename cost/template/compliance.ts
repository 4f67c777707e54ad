import type { Resource, TemplateModel } from '../../infra/checks/template-model.ts';
import { at, flatText, texts } from '../../infra/nag/template-values.ts';
import { DAYS_PER_MONTH } from '../model/stated.ts';
import { instancesOf } from './instances.ts';
import { free, type Part, type Registry } from './reader.ts';
import { byTheMonth } from './standing.ts';

/** Every recorded resource changes so often in a month: once with each week's deployment. */
const CHANGES = 4;
/** Evaluated each day too, not only on a change (Config's list of managed rules). */
const DAILY_RULES = ['S3_BUCKET_PUBLIC_READ_PROHIBITED', 'S3_BUCKET_PUBLIC_WRITE_PROHIBITED'];

/** AWS Config is paid for by recorded changes and by evaluations: both follow from what is there. */
export const compliance: Registry = {
  'AWS::Config::ConfigurationRecorder': { fixed: recorded },
  'AWS::Config::ConfigRule': { fixed: evaluated },
  ...free('where it is delivered to costs nothing', 'AWS::Config::DeliveryChannel'),
};

function recorded(recorders: readonly Resource[], template: TemplateModel): Part[] {
  const things = recorders.reduce((sum, { properties }) => {
    const group = at(properties, 'RecordingGroup');
    const types = at(group, 'AllSupported') === false ? texts(at(group, 'ResourceTypes')) : undefined;
    return sum + watched(types, template);
  }, 0);
  return byTheMonth({
    component: 'security',
    what: 'Config: recorded changes',
    price: 'config.item',
    count: things * CHANGES,
    note: `${things} resources, ${CHANGES} changes of each`,
    basis: 'assumed',
  });
}

function evaluated(rules: readonly Resource[], template: TemplateModel): Part[] {
  const perMonth = rules.map(({ properties }) => {
    const daily = DAILY_RULES.includes(flatText(at(properties, 'Source', 'SourceIdentifier')));
    const scope = at(properties, 'Scope');
    const types = at(scope, 'ComplianceResourceTypes');
    const one = at(scope, 'ComplianceResourceId') !== undefined;
    const things = one ? 1 : watched(types === undefined ? undefined : texts(types), template);
    return things * (CHANGES + (daily ? DAYS_PER_MONTH : 0));
  });
  return byTheMonth({
    component: 'security',
    what: 'Config: evaluations of rules',
    price: 'config.rule',
    count: perMonth.reduce((sum, each) => sum + each, 0),
    note: `${rules.length} rules, on ${CHANGES} changes of what each looks at, two of them also daily`,
    basis: 'assumed',
  });
}

/** How many things of these types there are, or of all types; instances are in no template. */
function watched(types: readonly string[] | undefined, template: TemplateModel): number {
  const inTemplate = template.all.filter(({ type }) => types === undefined || types.includes(type)).length;
  const hasInstances = types === undefined || types.includes('AWS::EC2::Instance');
  const instances = instancesOf(template)
    .filter(({ logicalId }) => !template.ofType('AWS::EC2::Instance').some(({ id }) => id === logicalId))
    .reduce((sum, { count }) => sum + count, 0);
  return inTemplate + (hasInstances ? instances : 0);
}
