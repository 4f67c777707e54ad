import { at, items } from '../nag/template-values.ts';
import { type Resource, readTemplate, type TemplateModel } from './template-model.ts';

/** One mistake in a template, and the check whose business it is. */
export interface Mutation {
  readonly what: string;
  /** Words of the check's name that no other has. */
  readonly caughtBy: string;
  /** @default 'prod' */
  readonly profile?: 'dev' | 'prod';
  /** @default 'rest' */
  readonly edge?: 'rest' | 'cloudfront';
  spoil(template: TemplateModel): void;
}

/** Sets a property, or takes it away; a part of the path that is a number is an index. */
export function put(target: unknown, path: string, value: unknown): void {
  const steps = path.split('.');
  const last = steps.pop() as string;
  const owner = steps.reduce<unknown>(
    (inner, step) => (Array.isArray(inner) ? inner[Number(step)] : at(inner, step)),
    target,
  ) as Record<string, unknown>;
  if (value === undefined) delete owner[last];
  else owner[last] = value;
}

export function the(template: TemplateModel, type: string, name?: string): Resource {
  const found = name === undefined ? template.ofType(type)[0] : template.named(type, name);
  if (!found) throw new Error(`There is no ${type} ${name ?? ''} to spoil`);
  return found;
}

export function setting(
  type: string,
  name: string | undefined,
  path: string,
  value: unknown,
): Mutation['spoil'] {
  return (template) => put(the(template, type, name).properties, path, value);
}

export function removing(type: string, name?: string): Mutation['spoil'] {
  return (template) => {
    const resources = at(template.json, 'Resources') as Record<string, unknown>;
    delete resources[the(template, type, name).id];
  };
}

export function ofMapping(fn: string, path: string, value: unknown): Mutation['spoil'] {
  return (template) => {
    const mapping = template
      .ofType('AWS::Lambda::EventSourceMapping')
      .find(({ id }) => id.startsWith(`ProcessingFunctions${fn}`));
    if (!mapping) throw new Error(`There is no mapping of ${fn} to spoil`);
    put(mapping.properties, path, value);
  };
}

export function ofRule(name: string, path: string, value: unknown): Mutation['spoil'] {
  return (template) => {
    const acl = the(template, 'AWS::WAFv2::WebACL');
    put(
      items(at(acl.properties, 'Rules')).find((rule) => at(rule, 'Name') === name),
      path,
      value,
    );
  };
}

export function allowing(
  Action: unknown,
  Resource: unknown = 'arn:aws:dynamodb:us-east-1::table/t',
): Mutation['spoil'] {
  return (template) => {
    const policy = the(template, 'AWS::IAM::ManagedPolicy');
    put(policy.properties, 'PolicyDocument.Statement.0', { Effect: 'Allow', Action, Resource });
  };
}

/** A copy of a template with the mistake in it. */
export function mutated(json: unknown, suffix: string, { spoil }: Mutation): unknown {
  const copy: unknown = structuredClone(json);
  spoil(readTemplate(copy, suffix));
  return copy;
}
