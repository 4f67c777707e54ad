import type { StoredAttribute, StoredItem } from '../../src/adapters/dynamodb/attributes.ts';
import { serviceError } from './service-call.ts';

/**
 * The part of DynamoDB's expression language that this project uses: comparisons, BETWEEN, begins_with and the two
 * functions on existence, joined by AND. Whatever else is written is refused, so that the model never guesses.
 */

export type Names = Readonly<Record<string, string>> | undefined;
export type Values = Readonly<Record<string, StoredAttribute>> | undefined;

type Test = (item: StoredItem | undefined, names: Names, values: Values) => boolean;

const TERM =
  /^(?:(attribute_exists|attribute_not_exists)\(([#\w]+)\)|([#\w]+) (=|<=|>=|<|>) (:\w+)|([#\w]+) BETWEEN (:\w+) AND (:\w+))$/;

const BEGINS = /^begins_with\(([#\w]+), (:\w+)\)$/;

const compiled = new Map<string, readonly Test[]>();

/** Whether an item, or the absence of one, meets an expression. Absent expressions are met. */
export function meets(
  expression: string | undefined,
  item: StoredItem | undefined,
  names: Names,
  values: Values,
): boolean {
  if (expression === undefined) return true;
  let tests = compiled.get(expression);
  if (!tests) {
    tests = termsOf(expression).map(compile);
    compiled.set(expression, tests);
  }
  return tests.every((test) => test(item, names, values));
}

/** Splits at each AND but the one that belongs to a BETWEEN. */
function termsOf(expression: string): string[] {
  const terms: string[] = [];
  for (const part of expression.split(' AND ')) {
    const before = terms.at(-1);
    if (before !== undefined && / BETWEEN :\w+$/.test(before))
      terms[terms.length - 1] = `${before} AND ${part}`;
    else terms.push(part);
  }
  return terms;
}

function compile(term: string): Test {
  const [, whole, beginning] = BEGINS.exec(term) ?? [];
  if (whole !== undefined && beginning !== undefined) {
    return (item, names, values) =>
      item?.[nameOf(whole, names)]?.S?.startsWith(valueFor(beginning, values).S ?? '') ?? false;
  }
  const [, exists, of, left, operator, right, ranged, from, to] = TERM.exec(term) ?? [];
  if (exists !== undefined && of !== undefined) {
    const wanted = exists === 'attribute_exists';
    return (item, names) => (item?.[nameOf(of, names)] !== undefined) === wanted;
  }
  if (left !== undefined && right !== undefined && operator !== undefined) {
    return (item, names, values) => {
      const order = compare(item?.[nameOf(left, names)], valueFor(right, values));
      if (order === null) return false;
      if (operator === '=') return order === 0;
      if (operator === '<=') return order <= 0;
      if (operator === '>=') return order >= 0;
      return operator === '<' ? order < 0 : order > 0;
    };
  }
  if (ranged !== undefined && from !== undefined && to !== undefined) {
    return (item, names, values) => {
      const attribute = item?.[nameOf(ranged, names)];
      const low = compare(attribute, valueFor(from, values));
      const high = compare(attribute, valueFor(to, values));
      return low !== null && high !== null && low >= 0 && high <= 0;
    };
  }
  throw serviceError('ValidationException', `The model does not know the expression "${term}".`, 400);
}

export function nameOf(given: string, names: Names): string {
  if (!given.startsWith('#')) return given;
  const name = names?.[given];
  if (name === undefined) throw serviceError('ValidationException', `${given} is not among the names.`, 400);
  return name;
}

export function valueFor(given: string, values: Values): StoredAttribute {
  const value = values?.[given];
  if (value === undefined)
    throw serviceError('ValidationException', `${given} is not among the values.`, 400);
  return value;
}

/** Text goes by its bytes in UTF-8, numbers by size. Null where the types differ or are no scalars. */
export function compare(a: StoredAttribute | undefined, b: StoredAttribute): number | null {
  if (a?.S !== undefined && b.S !== undefined) return compareText(a.S, b.S);
  if (a?.N !== undefined && b.N !== undefined) return Number(a.N) - Number(b.N);
  if (a?.BOOL !== undefined && b.BOOL !== undefined) return Number(a.BOOL) - Number(b.BOOL);
  return null;
}

export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  // Within ASCII, which keys nearly always are, bytes and code units have the same order.
  if (isAscii(a) && isAscii(b)) return a < b ? -1 : 1;
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function isAscii(text: string): boolean {
  for (let place = 0; place < text.length; place += 1) if (text.charCodeAt(place) > 0x7f) return false;
  return true;
}
