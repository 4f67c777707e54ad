import type { Contract, Schema } from './contract.ts';
import type { Dice } from './dice.ts';
import { HALVES, ODD_TEXTS, textOf } from './texts.ts';

/** An object's fields, each value as the text that stands in the JSON. */
export type RawFields = (readonly [name: string, json: string])[];

export function rawFields(fields: Readonly<Record<string, unknown>>): RawFields {
  return Object.entries(fields).map(([name, value]) => [name, JSON.stringify(value)]);
}

export function jsonOf(fields: RawFields): string {
  return `{${fields.map(([name, json]) => `${JSON.stringify(name)}:${json}`).join(',')}}`;
}

/** Numbers as they may be written, and as they must not be. */
const NUMBERS = [
  '0',
  '-0',
  '-1',
  '1.0',
  '1e3',
  '1E+3',
  '10.00E2',
  '0.1e1',
  '1.5',
  '1e-1',
  '1e400',
  '-1e400',
  '1e-400',
  '9007199254740991',
  '9007199254740992',
  '9007199254740993',
  '999999999999',
  '1000000000000',
  '999999999999.5',
  '18446744073709551616',
  '340282366920938463463374607431768211456',
  '"1000"',
  '"1e3"',
  '0x10',
  '1_000',
  '01',
  '+1',
  '.5',
  '5.',
  'NaN',
  'Infinity',
  '-',
  '１',
];

const OTHER_TYPES = [
  'true',
  'false',
  '[]',
  '[1]',
  '{}',
  '{"a":1}',
  '{"$gt":0}',
  '""',
  '"x"',
  '1',
  'null',
  '[[[]]]',
  '"null"',
];
const NAMES = [
  'amout',
  'Amount',
  'AMOUNT',
  'amount ',
  'status',
  'livemode',
  'merchant_id',
  'version',
  'constructor',
  'id',
  '',
];

/** The fields with one thing wrong, or on the edge of it; what must become of it is not said here. */
export function withOneWrong(contract: Contract, body: Schema, fields: RawFields, dice: Dice): RawFields {
  const schema = contract.resolve(body);
  const properties = Object.entries(schema.properties ?? {});
  const [name, property] = dice.oneOf(properties);
  const at = fields.findIndex(([present]) => present === name);
  switch (dice.below(9)) {
    case 0:
      return fields.filter(([present]) => present !== name);
    case 1:
      return [...fields, [dice.oneOf(NAMES), dice.oneOf(OTHER_TYPES)]];
    case 2:
      // The last of those with one name counts.
      return [...fields, [name, dice.oneOf([...OTHER_TYPES, ...NUMBERS])]];
    case 3:
      return [[name, dice.oneOf(OTHER_TYPES)], ...fields];
    default:
      return replaced(fields, at, name, wrongJson(contract, property, dice));
  }
}

function replaced(fields: RawFields, at: number, name: string, json: string): RawFields {
  return at === -1 ? [...fields, [name, json]] : fields.map((field, n) => (n === at ? [name, json] : field));
}

function wrongJson(contract: Contract, given: Schema, dice: Dice): string {
  const schema = contract.resolve(given.anyOf?.[0] ?? given);
  if (dice.chance(0.3)) return dice.oneOf(OTHER_TYPES);
  if (schema.type === 'integer') return dice.oneOf(NUMBERS);
  if (schema.type === 'object') return wrongRecord(schema, dice);
  return wrongText(schema, dice);
}

function wrongText({ maxLength = 64, enum: members }: Schema, dice: Dice): string {
  const around = dice.oneOf([maxLength - 1, maxLength, maxLength + 1, maxLength * 2]);
  switch (dice.below(4)) {
    case 0:
      return `"${dice.oneOf(HALVES)}"`;
    case 1:
      return JSON.stringify(textOf(dice, Math.max(0, around)));
    case 2:
      return JSON.stringify(members ? `${dice.oneOf(members)} ` : `${dice.oneOf(ODD_TEXTS)}!`);
    default:
      return JSON.stringify(dice.oneOf(ODD_TEXTS));
  }
}

function wrongRecord({ maxProperties = 50 }: Schema, dice: Dice): string {
  const many = (count: number) => `{${Array.from({ length: count }, (_, n) => `"k${n}":""`).join()}}`;
  const name = JSON.stringify(textOf(dice, dice.oneOf([0, 40, 41])));
  return dice.oneOf([
    many(maxProperties),
    many(maxProperties + 1),
    `{${name}:"x"}`,
    '{"k":1}',
    '{"k":null}',
    '{"k":{"deep":"x"}}',
    '{"k":["x"]}',
    '{"__proto__":"x"}',
    '{"\\u005f_proto__":"x"}',
    '{"constructor":"x","toString":"y","hasOwnProperty":"z"}',
    `{"${dice.oneOf(HALVES)}":"x"}`,
    `{"k":"${dice.oneOf(HALVES)}"}`,
    '{"\\u0000":"\\u0000"}',
    '{"k":"1","k":2}',
    '{"k":2,"k":"1"}',
    `{"k":${JSON.stringify(textOf(dice, dice.oneOf([500, 501])))}}`,
  ]);
}
