import type { z } from 'zod';
import { type InvalidField, type Problem, problem } from './problems.ts';

export type Validated<T> = { value: T } | { problem: Problem };

/** Errors of one request that are told: the rest would only repeat the lesson. */
const MAX_ERRORS = 20;

/** RFC 6901: `~` and `/` within a name are escaped. */
function pointer(base: string, path: readonly PropertyKey[]): string {
  return base + path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

function fields(
  issues: readonly z.core.$ZodIssue[],
  toPointer: (path: readonly PropertyKey[]) => string,
): InvalidField[] {
  return issues.flatMap((issue): InvalidField[] => {
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({
        pointer: toPointer([...issue.path, key]).slice(0, 200),
        detail: 'is not a field of this request; leave it out, or check its spelling',
      }));
    }
    return [{ pointer: toPointer(issue.path).slice(0, 200), detail: issue.message }];
  });
}

function refused(errors: InvalidField[]): { problem: Problem } {
  const [first] = errors as [InvalidField];
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more, see errors)` : '';
  const where = first.pointer === '' ? 'The body' : first.pointer;
  return {
    problem: problem('invalid_request', `${where}: ${first.detail}${more}.`, {
      errors: errors.slice(0, MAX_ERRORS),
    }),
  };
}

/** Names that JSON can carry and that plain objects treat as something else. */
function holdsPrototypeName(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, '__proto__');
}

/** Validates a parsed body against its closed schema. */
export function validate<T>(schema: z.ZodType<T>, value: unknown, base: string): Validated<T> {
  if (holdsPrototypeName(value) || (isRecord(value) && holdsPrototypeName(value.metadata))) {
    return refused([{ pointer: `${base}/__proto__`, detail: 'is not a name that can be used here' }]);
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return { value: parsed.data };
  return refused(fields(parsed.error.issues, (path) => pointer(base, path)));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** Validates a query string: each parameter once, and none that is not known. */
export function validateQuery<T>(schema: z.ZodType<T>, query: string): Validated<T> {
  // No parameter is required anywhere, and most requests have none.
  if (query === '') return { value: {} as T };
  const values: Record<string, string> = {};
  // One question mark is taken off what it is given: without one of ours, `??limit=1` would pass for `?limit=1`.
  for (const [name, value] of new URLSearchParams(`?${query}`)) {
    if (name === '__proto__') {
      return refused([{ pointer: '?__proto__', detail: 'is not a name that can be used here' }]);
    }
    if (Object.hasOwn(values, name)) {
      return refused([
        { pointer: `?${name.slice(0, 100)}`, detail: 'was given more than once; give it once' },
      ]);
    }
    values[name] = value;
  }
  const parsed = schema.safeParse(values);
  if (parsed.success) return { value: parsed.data };
  return refused(fields(parsed.error.issues, (path) => `?${path.map(String).join('.')}`));
}
