import type { z } from 'zod';
import { scanJson } from '../domain/card-number.ts';
import { validate } from '../http/validate.ts';
import { CommandError } from './exit.ts';

/**
 * Values of flags, by the schema that the API validates with.
 * @throws CommandError that names the flag
 */
export function checked<T>(schema: z.ZodType<T>, values: Record<string, unknown>): T {
  const given = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
  if (scanJson(given)) {
    throw new CommandError('usage', 'A value looks like a card number. Card numbers never enter Tollgate.');
  }
  const validated = validate(schema, given, '');
  if ('value' in validated) return validated.value;
  throw new CommandError('usage', flagsNamed(validated.problem.detail));
}

/** `/payment_id: must be …` → `--payment-id: must be …`. */
function flagsNamed(detail: string): string {
  return detail.replace(/^\/([a-z_]+)/, (_, name: string) => `--${name.replaceAll('_', '-')}`);
}
