import * as z from 'zod';
import { holdsApiKey, holdsSecurityCode, isSecurityCode } from '../domain/forbidden-text.ts';
import {
  MAX_AMOUNT_MINOR,
  MAX_DESCRIPTION_LENGTH,
  MAX_METADATA_KEY_LENGTH,
  MAX_METADATA_KEYS,
  MAX_METADATA_VALUE_LENGTH,
  MAX_PAYMENT_METHOD_LENGTH,
  MAX_REASON_LENGTH,
  MAX_RETURN_URL_LENGTH,
} from '../domain/limits.ts';
import { isCurrency } from '../domain/money.ts';
import { PAYMENT_STATUSES } from '../domain/payment.ts';

/** The request schemas: they validate, and openapi.json is made of them. Closed: an unknown field is refused. */

/** Ids that merchants choose, of payments and refunds. */
export const CLIENT_ID = /^[A-Za-z0-9_-]{1,64}$/;

const API_KEY = 'holds an API key; leave it out, and revoke that key: others may have seen it';
const SECURITY_CODE = 'holds the security code of a card, which nobody may keep; leave it out';

/** Characters are code points, as JSON Schema counts them; half a surrogate pair is not one. */
function text(min: number, max: number) {
  return (
    z
      .string()
      .refine((value) => value.isWellFormed(), {
        error: 'holds half of a surrogate pair; send well-formed Unicode',
      })
      .refine((value) => value.length >= min && (value.length <= max || [...value].length <= max), {
        error: ({ input }) => `has ${[...String(input)].length} characters; send ${min} to ${max}`,
      })
      // One refinement for both: each costs more than what it looks for.
      .refine((value) => !holdsApiKey(value) && !holdsSecurityCode(value), {
        error: ({ input }) => (holdsApiKey(String(input)) ? API_KEY : SECURITY_CODE),
      })
      .meta({ minLength: min, maxLength: max })
  );
}

const amount = z
  .int({ error: 'must be a whole number of minor units, such as 1050 for 10.50 USD' })
  .min(1, { error: ({ input }) => `is ${input}; the least is 1` })
  .max(MAX_AMOUNT_MINOR, { error: `is more than ${MAX_AMOUNT_MINOR.toLocaleString('en')}, the most` })
  .meta({ description: 'In the minor unit of the currency (cents of a dollar; whole yen).', example: 1000 });

const clientId = (what: string) =>
  z
    .string()
    .regex(CLIENT_ID, { error: 'must be 1 to 64 of the characters A-Z a-z 0-9 _ -' })
    .meta({
      description: `Your id of the ${what}. Start numeric ids with a letter.`,
      example: `${what}-1001`,
    });

const webUrl = text(1, MAX_RETURN_URL_LENGTH)
  .refine((value) => URL.canParse(value) && /^https?:$/.test(new URL(value).protocol), {
    error: 'must be an absolute http or https address',
  })
  .meta({ format: 'uri', maxLength: MAX_RETURN_URL_LENGTH });

const metadata = z
  .record(text(1, MAX_METADATA_KEY_LENGTH), text(0, MAX_METADATA_VALUE_LENGTH))
  .refine((value) => Object.keys(value).length <= MAX_METADATA_KEYS, {
    error: ({ input }) =>
      `has ${Object.keys(input as object).length} keys; send at most ${MAX_METADATA_KEYS}`,
  })
  .check(({ value, issues }) => {
    for (const [name, input] of Object.entries(value)) {
      if (isSecurityCode(name, input)) {
        issues.push({ code: 'custom', path: [name], message: SECURITY_CODE, input });
      }
    }
  })
  .meta({
    maxProperties: MAX_METADATA_KEYS,
    description: 'Yours: up to 50 keys of 40 characters, values of 500. No card data, no API keys.',
  });

export const createPaymentBody = z
  .strictObject({
    payment_id: clientId('payment').nullish(),
    amount,
    currency: z
      .string()
      .refine((value) => isCurrency(value.toLowerCase()), { error: 'must be an ISO 4217 code, such as usd' })
      .meta({ description: 'ISO 4217, any case. Default: from configuration, usd.', example: 'usd' })
      .nullish(),
    payment_method: text(1, MAX_PAYMENT_METHOD_LENGTH)
      .meta({ description: "A PSP's token, never a card number.", example: 'pm_card_visa' })
      .nullish(),
    capture_method: z
      .enum(['automatic', 'manual'], { error: 'must be automatic or manual' })
      .meta({ description: 'manual: authorize now, capture within 7 days. Default: automatic.' })
      .nullish(),
    description: text(0, MAX_DESCRIPTION_LENGTH).nullish(),
    metadata: metadata.nullish(),
    return_url: webUrl.meta({ description: 'Where the customer goes after a challenge.' }).nullish(),
  })
  .meta({ id: 'CreatePayment' });

export const captureBody = z
  .strictObject({ amount: amount.meta({ description: 'Default: all that is capturable.' }).nullish() })
  .meta({ id: 'CapturePayment' });

export const cancelBody = z
  .strictObject({ reason: text(0, MAX_REASON_LENGTH).nullish() })
  .meta({ id: 'CancelPayment' });

export const refundBody = z
  .strictObject({
    amount: amount.meta({ description: 'Default: all that is refundable.' }).nullish(),
    reason: text(0, MAX_REASON_LENGTH).nullish(),
    refund_id: clientId('refund').nullish(),
  })
  .meta({ id: 'CreateRefund' });

const instant = z.iso.datetime({
  offset: true,
  error: 'must be an RFC 3339 time, such as 2026-01-31T12:00:00Z',
});

export const listQuery = z.strictObject({
  status: z
    .enum(PAYMENT_STATUSES as [string, ...string[]], {
      error: `must be one of ${PAYMENT_STATUSES.join(', ')}`,
    })
    .optional(),
  limit: z
    .string()
    .regex(/^([1-9]\d?|100)$/, { error: 'must be a whole number from 1 to 100' })
    .meta({ description: '1 to 100. Default: 10.' })
    .optional(),
  cursor: z.string().min(1).max(1_000).meta({ description: '`next_cursor` of the page before.' }).optional(),
  created_after: instant.meta({ description: 'Exclusive.' }).optional(),
  created_before: instant.meta({ description: 'Exclusive.' }).optional(),
});

export const noQuery = z.strictObject({});
