import { flatText } from '../nag/template-values.ts';
import type { Resource } from './template-model.ts';

/**
 * What a value has to be. Objects name only what matters; `null` says that there must be nothing; a pattern is for the
 * flat text of what may be put together from references; a list has as many elements.
 */
export type Expected =
  | string
  | number
  | boolean
  | null
  | RegExp
  | readonly Expected[]
  | { readonly [key: string]: Expected };

/** Where a value is not what it has to be, one line for each place. */
export function differences(actual: unknown, expected: Expected, where: string): string[] {
  if (expected === null) return actual === undefined ? [] : [`${where} is ${show(actual)}, not left out`];
  if (expected instanceof RegExp) {
    return expected.test(flatText(actual)) ? [] : [`${where} is ${show(actual)}, not like ${expected}`];
  }
  if (typeof expected !== 'object') {
    return actual === expected ? [] : [`${where} is ${show(actual)}, not ${show(expected)}`];
  }
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual) || actual.length !== expected.length) {
      return [`${where} is ${show(actual)}, not ${expected.length} elements`];
    }
    return expected.flatMap((each: Expected, index) =>
      differences(actual[index], each, `${where}[${index}]`),
    );
  }
  return Object.entries(expected).flatMap(([key, inner]) =>
    differences(
      actual === undefined ? undefined : (actual as Readonly<Record<string, unknown>>)[key],
      inner,
      `${where}.${key}`,
    ),
  );
}

/** The same for a resource's properties; one that is missing is a difference too. */
export function wants(resource: Resource | undefined, what: string, expected: Expected): string[] {
  return resource ? differences(resource.properties, expected, what) : [`${what} is missing`];
}

/** A problem if a thing does not hold. */
export function unless(holds: boolean, problem: string): string[] {
  return holds ? [] : [problem];
}

function show(value: unknown): string {
  return value === undefined ? 'missing' : (JSON.stringify(value)?.slice(0, 200) ?? String(value));
}
