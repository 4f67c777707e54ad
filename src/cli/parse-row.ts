import type { ParsedRow, RowProblemCode } from '../app/import-payments.ts';
import { scanJson } from '../domain/card-number.ts';
import { CLIENT_ID, createPaymentBody } from '../http/schemas.ts';
import { validate } from '../http/validate.ts';
import { wholeNumber } from './arguments.ts';

export const CARD_NUMBER = 'holds a card number. Use the token of a PSP.';

const METADATA_COLUMN = 'metadata.';

/** A row of a file as a body of `POST /payments`, by the same schema. */
export function parseRow(row: Record<string, unknown>): ParsedRow {
  if (scanJson(row)) {
    return { refused: { code: 'card_number_detected', detail: CARD_NUMBER } };
  }
  const { payment_id } = row;
  const known = typeof payment_id === 'string' && CLIENT_ID.test(payment_id) ? payment_id : undefined;
  const refused = (code: RowProblemCode, detail: string) => ({
    refused: { code, detail, payment_id: known },
  });
  const body = toBody(row);
  if (body === null)
    return refused('invalid_row', 'has both metadata and metadata.<name>. Give one of them.');
  const validated = validate(createPaymentBody, body, '');
  if ('value' in validated) return { fields: validated.value };
  return refused('invalid_row', validated.problem.detail.replace(/^\//, ''));
}

/** Amounts may be text, as all is in CSV; a column for each member of metadata. */
function toBody(row: Record<string, unknown>): Record<string, unknown> | null {
  const body: Record<string, unknown> = {};
  const metadata: [string, unknown][] = [];
  for (const [name, value] of Object.entries(row)) {
    if (name === 'amount' && typeof value === 'string') body.amount = wholeNumber(value);
    else if (name.startsWith(METADATA_COLUMN)) metadata.push([name.slice(METADATA_COLUMN.length), value]);
    else Object.defineProperty(body, name, { value, enumerable: true });
  }
  if (metadata.length === 0) return body;
  if (body.metadata != null) return null;
  return { ...body, metadata: Object.fromEntries(metadata) };
}
