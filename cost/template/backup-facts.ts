import type { TemplateModel } from '../../infra/checks/template-model.ts';
import { at, flatText, items, numberOf } from '../../infra/nag/template-values.ts';
import type { DeploymentFacts } from './facts.ts';
import { timesPerMonth } from './schedule.ts';
import { TemplateError } from './template-error.ts';

/** @throws TemplateError if there are several rules: the model knows one */
export function readBackups(template: TemplateModel): DeploymentFacts['backups'] {
  const rules = template
    .ofType('AWS::Backup::BackupPlan')
    .flatMap(({ properties }) => items(at(properties, 'BackupPlan', 'BackupPlanRule')));
  const [rule] = rules;
  if (rule === undefined) return null;
  if (rules.length > 1) {
    throw new TemplateError(`The template has ${rules.length} rules of backups, and the model counts one.`);
  }
  const cold = at(rule, 'Lifecycle', 'MoveToColdStorageAfterDays');
  return {
    perMonth: timesPerMonth(flatText(at(rule, 'ScheduleExpression'))),
    keptDays: numberOf(at(rule, 'Lifecycle', 'DeleteAfterDays'), 'the days that backups are kept'),
    coldAfterDays: cold === undefined ? null : numberOf(cold, 'the days until backups are cold'),
  };
}
