import { at, flatText, items, references } from '../nag/template-values.ts';

/** A resource of a synthesised template, as CloudFormation will read it. */
export interface Resource {
  readonly id: string;
  readonly type: string;
  readonly properties: unknown;
  /** The whole of it: `DependsOn`, `DeletionPolicy`, `UpdatePolicy` stand beside the properties. */
  readonly body: unknown;
}

/** A template, and how its resources refer to each other. */
export interface TemplateModel {
  readonly json: unknown;
  readonly all: readonly Resource[];
  ofType(...types: readonly string[]): Resource[];
  /** By the name that AWS will know it by, without the suffix; a bucket without account and region too. */
  named(type: string, name: string): Resource | undefined;
  /** What a value refers to, of one of these types. */
  referred(value: unknown, ...types: readonly string[]): Resource[];
}

/** Where types have their physical names. */
const NAME_PROPERTIES = [
  'AlarmName',
  'AutoScalingGroupName',
  'BucketName',
  'ConfigRuleName',
  'DashboardName',
  'DeploymentGroupName',
  'FunctionName',
  'GroupName',
  'LogGroupName',
  'Name',
  'QueueName',
  'TableName',
  'TopicName',
];

/** A resource's physical name; empty where CloudFormation makes one. */
export function physicalName({ properties }: Resource): string {
  const [name] = NAME_PROPERTIES.map((property) => at(properties, property)).filter(Boolean);
  return flatText(name);
}

export function readTemplate(json: unknown, suffix: string): TemplateModel {
  const all = Object.entries(at(json, 'Resources') ?? {}).map(([id, body]: [string, unknown]) => ({
    id,
    type: flatText(at(body, 'Type')),
    properties: at(body, 'Properties') ?? {},
    body,
  }));
  const byId = new Map(all.map((resource) => [resource.id, resource]));
  const ofType = (...types: readonly string[]) => all.filter(({ type }) => types.includes(type));
  return {
    json,
    all,
    ofType,
    named(type, name) {
      const full = `${name}-${suffix}`;
      return ofType(type).find((resource) => {
        const has = physicalName(resource);
        return type === 'AWS::S3::Bucket' ? has.startsWith(`${full}-`) : has === full;
      });
    },
    referred: (value, ...types) =>
      references(value)
        .map((id) => byId.get(id))
        .filter((found) => found !== undefined)
        .filter(({ type }) => types.length === 0 || types.includes(type)),
  };
}

/** `DependsOn` may be one id or several. */
export function dependsOn({ body }: Resource): string[] {
  return items(at(body, 'DependsOn')).map(String);
}
