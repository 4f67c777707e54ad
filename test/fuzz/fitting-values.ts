import type { Contract, Schema } from './contract.ts';
import type { Dice } from './dice.ts';
import { ODD_TEXTS, sentence, textOf } from './texts.ts';

/** What the document says in words, not in its schemas: by the name of a field. */
export const KNOWN_VALUES = {
  currency: ['usd', 'USD', 'eur', 'jpy', 'kwd', 'Gbp', 'chf'],
  payment_method: ['pm_card_visa', 'pm_card_mastercard', 'pm_card_amex', 'pm_card_visa_debit'],
  return_url: [
    'https://shop.example/back',
    'http://localhost:3000/?a=b#c',
    'HTTPS://x.example:8443/%F0%9F%AA%91',
  ],
} as const satisfies Record<string, readonly string[]>;

/** Texts that fit the patterns of the document. One that is not here is told of, since nothing could be sent for it. */
const FITTING_PATTERNS: readonly string[] = [
  '1',
  '10',
  '100',
  '99',
  '2026-01-31T12:00:00Z',
  '2024-02-29T23:59:59.999999999Z',
  '0000-01-01T00:00:00Z',
  '9999-12-31T23:59:59.9999Z',
  '9999-12-31T23:59:59-23:59',
  '0000-01-01T00:00:00+23:59',
  '2030-06-15T00:00:00.1+05:30',
  'x',
  'Z-_9'.repeat(16),
  'constructor',
  '__proto__',
  '-',
];

/** Values that fit a schema, ordinary ones and those at its bounds. */
export function createFitting(contract: Contract) {
  function text(name: string, { pattern, minLength = 0, maxLength }: Schema, dice: Dice): string {
    if (name in KNOWN_VALUES) return dice.oneOf<string>(KNOWN_VALUES[name as keyof typeof KNOWN_VALUES]);
    if (pattern !== undefined) {
      const fitting = FITTING_PATTERNS.filter((one) => new RegExp(pattern, 'u').test(one));
      if (fitting.length === 0) {
        throw new Error(`No text is known that fits ${pattern} of ${name}: add one to FITTING_PATTERNS`);
      }
      return dice.oneOf(fitting);
    }
    const fits = (one: string) => [...one].length >= minLength && [...one].length <= (maxLength ?? Infinity);
    if (dice.chance(0.06)) return dice.oneOf(ODD_TEXTS.filter(fits));
    if (maxLength !== undefined && dice.chance(0.03)) return textOf(dice, dice.oneOf([minLength, maxLength]));
    const plain = sentence(dice);
    return fits(plain) ? plain : textOf(dice, maxLength ?? minLength);
  }

  function whole({ minimum = 0, maximum = Number.MAX_SAFE_INTEGER }: Schema, dice: Dice): number {
    // The largest seldom: sums of many would not be exact any more.
    if (dice.chance(0.01)) return dice.oneOf([minimum, maximum, maximum - 1]);
    return minimum + dice.below(Math.min(maximum, 100_000) - minimum);
  }

  function record(schema: Schema, dice: Dice): Record<string, unknown> {
    const made: Record<string, unknown> = {};
    const count = dice.chance(0.03) ? (schema.maxProperties ?? 3) : dice.below(4);
    for (let n = 0; n < count; n++) {
      const name = dice.chance(0.05)
        ? dice.oneOf(['constructor', 'toString', 'length', '\u0000', '0'])
        : `k${n}`;
      made[name] = value('', schema.additionalProperties as Schema, dice);
    }
    return made;
  }

  function object(schema: Schema, dice: Dice, share: number): Record<string, unknown> {
    const made: Record<string, unknown> = {};
    for (const [name, property] of Object.entries(schema.properties ?? {})) {
      if (schema.required?.includes(name) || dice.chance(share)) made[name] = value(name, property, dice);
    }
    return made;
  }

  function value(name: string, given: Schema, dice: Dice): unknown {
    const schema = contract.resolve(given);
    if (schema.anyOf) {
      const [first, ...others] = schema.anyOf as [Schema, ...Schema[]];
      return value(name, others.length > 0 && dice.chance(0.1) ? dice.oneOf(others) : first, dice);
    }
    if (schema.enum) return dice.oneOf(schema.enum);
    switch (schema.type) {
      case 'string':
        return text(name, schema, dice);
      case 'integer':
        return whole(schema, dice);
      case 'boolean':
        return dice.chance(0.5);
      case 'null':
        return null;
      case 'object':
        return schema.properties ? object(schema, dice, 0.4) : record(schema, dice);
      default:
        throw new Error(`No values are known for the schema of ${name}: ${JSON.stringify(schema)}`);
    }
  }

  return {
    value,
    /** An object with all that is required, and each of the rest with this chance. */
    fields: (schema: Schema, dice: Dice, share: number) => object(contract.resolve(schema), dice, share),
  };
}

export type Fitting = ReturnType<typeof createFitting>;
