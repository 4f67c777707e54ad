/**
 * How to read values of a CloudFormation template, where any of them may be an intrinsic function instead of what one
 * expects. Everything here takes `unknown`: a template is data from outside.
 */

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value at a path of keys; `undefined` where the path ends early. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, key) => (isObject(inner) ? inner[key] : undefined), value);
}

/** CloudFormation and IAM take one value where they take a list of one. */
export function items(value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}

/** The texts of a list; intrinsic functions become the flat text below. */
export function texts(value: unknown): string[] {
  return items(value).map(flatText);
}

/**
 * A number, also one written as text.
 * @throws if it is an intrinsic function: a rule that cannot read a value must not pass it in silence.
 */
export function numberOf(value: unknown, what: string): number {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value;
  if (typeof number === 'number' && Number.isFinite(number)) return number;
  throw new Error(`${what} must be a plain number, or no rule can check it; got ${JSON.stringify(value)}`);
}

/** One text for what may be put together by `Fn::Join` and `Fn::Sub`; a reference becomes `<LogicalId.Attribute>`. */
export function flatText(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (!isObject(value)) return Array.isArray(value) ? value.map(flatText).join(',') : String(value);
  if ('Ref' in value) return `<${flatText(value.Ref)}>`;
  if ('Fn::GetAtt' in value) return `<${items(value['Fn::GetAtt']).map(flatText).join('.')}>`;
  if ('Fn::Sub' in value) return flatText(items(value['Fn::Sub'])[0]).replace(/\$\{([^!}][^}]*)\}/g, '<$1>');
  if ('Fn::Join' in value) {
    const [separator, parts] = items(value['Fn::Join']);
    return items(parts).map(flatText).join(flatText(separator));
  }
  return JSON.stringify(value);
}

/** The logical ids that a value refers to, in the order in which they stand. */
export function references(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(references);
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    if (key === 'Ref') return texts(inner);
    if (key === 'Fn::GetAtt') return texts(inner).slice(0, 1).map(beforeDot);
    if (key === 'Fn::Sub') return substituted(inner);
    return references(inner);
  });
}

function substituted(value: unknown): string[] {
  const [text, variables] = items(value);
  const names = [...flatText(text).matchAll(/\$\{([^!}][^}]*)\}/g)].map((match) => beforeDot(match[1] ?? ''));
  const own = isObject(variables) ? Object.keys(variables) : [];
  return [...names.filter((name) => !own.includes(name)), ...references(variables)];
}

/** `Fn::GetAtt` may be written `Queue.Arn`. */
function beforeDot(name: string): string {
  return name.split('.')[0] ?? name;
}
