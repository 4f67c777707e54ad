import {
  physicalName,
  readTemplate as readModel,
  type TemplateModel,
} from '../../infra/checks/template-model.ts';
import { at } from '../../infra/nag/template-values.ts';
import type { UnknownResource } from '../bill/usage.ts';
import type { DeploymentFacts, TemplateReading } from './facts.ts';
import { readFacts } from './read-facts.ts';
import { isUsage, type Registry } from './reader.ts';
import { REGISTRY } from './registry.ts';
import { FUNCTION_NAMES } from './sources.ts';
import { TemplateError } from './template-error.ts';

export interface ReadOptions {
  readonly profile: DeploymentFacts['profile'];
  /** us-east-1 if not given: a template does not say for which region it is. */
  readonly region?: string;
  /** What is known of each type of resource; all there is, if not given. */
  readonly registry?: Registry;
}

/**
 * What a synthesised template of the payment stack costs by being deployed, and what the volume model has to know.
 * @throws TemplateError if it is not one, or cannot be read
 */
export function readTemplate(
  json: unknown,
  { profile, region = 'us-east-1', registry = REGISTRY }: ReadOptions,
): TemplateReading {
  const template = modelOf(json);
  return { ...readStanding(template, registry), facts: readFacts(template, { profile, region }) };
}

/** What each type of resource costs by being there, and the resources of which that is not known. */
export function readStanding(
  template: TemplateModel,
  registry: Registry = REGISTRY,
): Pick<TemplateReading, 'fixed' | 'unknown'> {
  const fixed: TemplateReading['fixed'][number][] = [];
  const unknown: UnknownResource[] = [];
  const types = new Set(template.all.map(({ type }) => type));
  for (const type of types) {
    const resources = template.ofType(type);
    const known = Object.hasOwn(registry, type) ? registry[type] : undefined;
    if (known === undefined) {
      unknown.push(...resources.map(({ id }) => ({ logicalId: id, type })));
    } else if ('fixed' in known) {
      for (const part of known.fixed(resources, template)) {
        if (isUsage(part)) fixed.push(part);
        else unknown.push({ logicalId: part.logicalId, type, why: part.why });
      }
    }
  }
  return { fixed, unknown };
}

/** Resources are found by their names, which end in the deployment's suffix. */
export function modelOf(json: unknown): TemplateModel {
  const prefix = `${FUNCTION_NAMES.api}-`;
  const named = readModel(json, '').ofType('AWS::Lambda::Function').map(physicalName);
  const api = named.find((name) => name.startsWith(prefix));
  if (at(json, 'Resources') === undefined || api === undefined) {
    throw new TemplateError(
      `The template has no function ${prefix}…. Give one that \`npm run synth\` made of the payment stack.`,
    );
  }
  return readModel(json, api.slice(prefix.length));
}
