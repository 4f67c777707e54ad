import { at, items, texts } from './template-values.ts';

/** A statement of an IAM, resource or key policy. */
export interface Statement {
  readonly isAllow: boolean;
  readonly actions: readonly string[];
  /** Everything but some actions or resources is allowed: nobody can say what that is. */
  readonly isInverted: boolean;
  readonly resources: readonly string[];
  readonly services: readonly string[];
  readonly isForAnyone: boolean;
  readonly condition: unknown;
}

export function statements(document: unknown): Statement[] {
  return items(at(document, 'Statement')).map((statement) => ({
    isAllow: at(statement, 'Effect') === 'Allow',
    actions: texts(at(statement, 'Action')),
    isInverted: at(statement, 'NotAction') !== undefined || at(statement, 'NotResource') !== undefined,
    resources: texts(at(statement, 'Resource')),
    services: texts(at(statement, 'Principal', 'Service')),
    isForAnyone: at(statement, 'Principal') === '*' || texts(at(statement, 'Principal', 'AWS')).includes('*'),
    condition: at(statement, 'Condition'),
  }));
}

/** Whether a pattern of a policy (`kms:GenerateDataKey*`) covers an action; IAM compares without regard to case. */
export function covers(pattern: string, action: string): boolean {
  const escaped = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\?/g, '.');
  return new RegExp(`^${escaped}$`, 'i').test(action);
}

/** The statements by which a service may do something. */
export function grantsToService(document: unknown, service: string, action: string): Statement[] {
  return statements(document).filter(
    (statement) =>
      statement.isAllow &&
      (statement.isForAnyone || statement.services.includes(service)) &&
      statement.actions.some((pattern) => covers(pattern, action)),
  );
}

/** Whether a condition of any operator names a key (`aws:SourceAccount`); IAM compares without regard to case. */
export function hasConditionOn(statement: Statement, ...keys: readonly string[]): boolean {
  const wanted = keys.map((key) => key.toLowerCase());
  return Object.values(statement.condition ?? {}).some((operator: unknown) =>
    Object.keys(operator ?? {}).some((key) => wanted.includes(key.toLowerCase())),
  );
}
