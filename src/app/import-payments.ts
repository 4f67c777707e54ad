import type { Partition } from '../domain/payment.ts';
import type { Accepted, AcceptPayment, PaymentFields } from './accept-payment.ts';

/** A row of a file: what stands in it, or why it could not be read. */
export type ImportRow = { line: number } & ({ fields: Record<string, unknown> } | { refused: RowProblem });

/** Why a row was refused; `payment_id` where it has one that may be repeated. */
export interface RowProblem {
  code: RowProblemCode;
  detail: string;
  payment_id?: string | undefined;
}

export type RowProblemCode =
  | 'invalid_row'
  | 'card_number_detected'
  | 'payment_id_missing'
  | 'idempotency_mismatch'
  | 'no_connector'
  | 'payment_method_required';

export type ParsedRow = { fields: PaymentFields } | { refused: RowProblem };

export interface ImportCounts {
  rows: number;
  accepted: number;
  /** Accepted before, by this file or otherwise: nobody is charged twice. */
  replayed: number;
  refused: number;
}

export interface ImportOptions {
  partition: Partition;
  actor: string;
  onRefused: (line: number, problem: RowProblem) => void;
  /** After each batch. */
  onProgress: (counts: Readonly<ImportCounts>) => void;
}

export type ImportPayments = (
  rows: AsyncIterable<ImportRow>,
  options: ImportOptions,
) => Promise<ImportCounts>;

interface Deps {
  accept: AcceptPayment;
  /** Resolves when there is room for a batch more, so that a file does not shut out whoever pays meanwhile. */
  room: () => Promise<void>;
  /** Validates a row as a request is validated. */
  parse: (fields: Record<string, unknown>) => ParsedRow;
}

/** Rows accepted at once: they share one commit and one sync of the disk, and no more than these are in memory. */
const ROWS_IN_FLIGHT = 256;

const WHY = {
  idempotency_mismatch:
    'A payment with this id exists, and was asked for with other values. Nothing was changed.',
  no_connector: 'No connector here takes payments of this mode.',
  payment_method_required: 'The connector has no default payment method. Give payment_method.',
} as const satisfies Record<Extract<Accepted, { refused: string }>['refused'], string>;

/**
 * Accepts a payment for each row of a file of any length. A row names its payment, so that the same file given again
 * finds what is there and accepts the rest: an import that stopped is resumed by running it again.
 * @throws UnavailableError if the store fails; rows of the batch may have been accepted by then
 */
export function createImportPayments({ accept, room, parse }: Deps): ImportPayments {
  return async (rows, { partition, actor, onRefused, onProgress }) => {
    const counts: ImportCounts = { rows: 0, accepted: 0, replayed: 0, refused: 0 };

    async function take(row: ImportRow): Promise<'accepted' | 'replayed' | RowProblem> {
      if ('refused' in row) return row.refused;
      const parsed = parse(row.fields);
      if ('refused' in parsed) return parsed.refused;
      const { fields } = parsed;
      if (fields.payment_id == null) {
        const detail =
          'has no payment_id. Without one, running the file again would charge again. Give every row its own.';
        return { code: 'payment_id_missing', detail };
      }
      const accepted = await accept({ partition, fields, idempotencyKey: undefined, actor });
      if (!('refused' in accepted)) return accepted.replayed ? 'replayed' : 'accepted';
      return { code: accepted.refused, detail: WHY[accepted.refused], payment_id: fields.payment_id };
    }

    async function takeBatch(batch: readonly ImportRow[]): Promise<void> {
      await room();
      const taken = await Promise.all(batch.map(take));
      for (const [at, result] of taken.entries()) {
        counts.rows += 1;
        if (typeof result === 'string') counts[result] += 1;
        else {
          counts.refused += 1;
          onRefused((batch[at] as ImportRow).line, result);
        }
      }
      onProgress(counts);
    }

    let batch: ImportRow[] = [];
    for await (const row of rows) {
      batch.push(row);
      if (batch.length < ROWS_IN_FLIGHT) continue;
      await takeBatch(batch);
      batch = [];
    }
    if (batch.length > 0) await takeBatch(batch);
    return counts;
  };
}
