import { CfnResource, Stack } from 'aws-cdk-lib';
import { at, items, references } from './template-values.ts';

/** A resource as the template will have it. */
export interface TemplateResource {
  readonly logicalId: string;
  readonly type: string;
  readonly properties: unknown;
  readonly deletionPolicy: string | undefined;
  readonly updateReplacePolicy: string | undefined;
  readonly dependsOn: readonly string[];
}

/** What one stack holds, so that a rule can follow a reference from one resource to the next. */
export interface StackInventory {
  /** @throws if the construct is not of this stack. */
  of(node: CfnResource): TemplateResource;
  ofType(...types: readonly string[]): TemplateResource[];
  /** The resources that a value refers to, of these types (or of any, if none is named). */
  referred(value: unknown, ...types: readonly string[]): TemplateResource[];
  /** Whether one resource is made after the other: by `DependsOn` or by a reference, over any number of steps. */
  comesAfter(later: TemplateResource, earlier: TemplateResource): boolean;
}

/**
 * Resources are taken as they are written to the template, property overrides included: the packs of cdk-nag read the
 * constructs' properties and see no override.
 */
export function createInventory(stack: Stack): StackInventory {
  const byPath = new Map<string, TemplateResource>();
  const byId = new Map<string, TemplateResource>();
  for (const node of stack.node.findAll()) {
    if (!CfnResource.isCfnResource(node) || Stack.of(node) !== stack) continue;
    const resource = render(stack, node);
    if (!resource) continue;
    byPath.set(node.node.path, resource);
    byId.set(resource.logicalId, resource);
  }

  function referred(value: unknown, ...types: readonly string[]): TemplateResource[] {
    return references(value)
      .map((id) => byId.get(id))
      .filter((found) => found !== undefined)
      .filter((found) => types.length === 0 || types.includes(found.type));
  }

  return {
    of(node) {
      const resource = byPath.get(node.node.path);
      if (!resource) throw new Error(`${node.node.path} is not a resource of the stack ${stack.node.path}`);
      return resource;
    },
    ofType: (...types) => [...byId.values()].filter((resource) => types.includes(resource.type)),
    referred,
    comesAfter(later, earlier) {
      const seen = new Set<string>();
      const waiting = [later];
      for (let next = waiting.pop(); next; next = waiting.pop()) {
        if (seen.has(next.logicalId)) continue;
        seen.add(next.logicalId);
        waiting.push(...next.dependsOn.map((id) => byId.get(id)).filter((found) => found !== undefined));
        waiting.push(...referred(next.properties));
      }
      return later.logicalId !== earlier.logicalId && seen.has(earlier.logicalId);
    },
  };
}

function render(stack: Stack, node: CfnResource): TemplateResource | undefined {
  const resources: unknown = at(stack.resolve(node._toCloudFormation()), 'Resources');
  const [entry] = Object.entries(resources ?? {});
  // A resource may decide not to be written, as an empty policy does.
  if (!entry) return undefined;
  const [logicalId, body] = entry;
  return {
    logicalId,
    type: node.cfnResourceType,
    properties: at(body, 'Properties') ?? {},
    deletionPolicy: optionalText(at(body, 'DeletionPolicy')),
    updateReplacePolicy: optionalText(at(body, 'UpdateReplacePolicy')),
    dependsOn: items(at(body, 'DependsOn')).map(String),
  };
}

function optionalText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
