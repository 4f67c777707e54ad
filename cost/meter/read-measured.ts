import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import type { FunctionName } from '../template/facts.ts';
import { type Measured, REQUEST_KINDS } from './measured.ts';

/** Where `npm run cost:meter` writes. */
export const MEASURED_FILE = fileURLToPath(new URL('measured.json', import.meta.url));

const HOW = 'Write it: npm run cost:meter';

const count = z.number().nonnegative();
const units = z.record(z.string(), count);
const steps = z
  .array(z.strictObject({ size: z.number().int().nonnegative(), units }))
  .min(1)
  .refine((all) => all.every(({ size }, at) => at === 0 || size > (all[at - 1]?.size ?? size)), {
    error: 'the sizes must rise',
  });
const byFunction = z.strictObject({
  api: count,
  worker: count,
  relay: count,
  audit: count,
  sweep: count,
  authorizer: count,
  rotation: count,
} satisfies Record<FunctionName, z.ZodType>);

const schema = z.strictObject({
  mix: z.string().regex(/^[0-9a-f]{64}$/),
  payments: z.number().int().positive(),
  calibration: z.strictObject({ measured: z.number().positive(), reference: z.number().positive() }),
  requests: z.record(z.enum(REQUEST_KINDS), units),
  requestsPerPayment: z.record(z.enum(REQUEST_KINDS), count),
  perPayment: z.strictObject({ relay: count, audit: count, worker: count }),
  relay: steps,
  worker: steps,
  audit: steps,
  sweep: steps,
  authorizer: units,
  stored: z.strictObject({ itemBytes: count, indexBytes: count }),
  coldStartMs: byFunction,
  customMetrics: z.number().int().nonnegative(),
});

/** There are no figures to use, or none could be made; the message says why and what to do. */
export class NotMeteredError extends Error {
  override readonly name = 'NotMeteredError';
}

/** @throws NotMeteredError if there is no such file, or it holds something else */
export function readMeasured(file: string = MEASURED_FILE): Measured {
  let given: unknown;
  try {
    given = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new NotMeteredError(`${file} cannot be read: ${(cause as Error).message}. ${HOW}`, { cause });
  }
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(
    ({ path, message }) => `${path.join('.') || 'the file'}: ${message}`,
  );
  throw new NotMeteredError(`${file} is not what the meter writes. ${problems.join('; ')}. ${HOW}`);
}
