import { describe, expect, it } from 'vitest';
import { aPayment } from '../domain/payment.fixture.ts';
import { UnavailableError } from '../ports/faults.ts';
import type { Accepted, AcceptPayment } from './accept-payment.ts';
import { createImportPayments, type ImportRow, type RowProblem } from './import-payments.ts';

const PARTITION = { merchant_id: 'm_1', livemode: false };

async function* rowsOf(ids: readonly (string | null)[]): AsyncGenerator<ImportRow> {
  for (const [at, payment_id] of ids.entries()) yield { line: at + 2, fields: { payment_id, amount: 5 } };
}

function setup(answer: (id: string) => Accepted = () => ({ payment: aPayment(), replayed: false })) {
  const asked: Parameters<AcceptPayment>[0][] = [];
  const refused: [number, RowProblem][] = [];
  const progress: number[] = [];
  const waits = { inFlight: 0, most: 0, rooms: 0 };
  const run = createImportPayments({
    async accept(request) {
      asked.push(request);
      waits.most = Math.max(waits.most, ++waits.inFlight);
      await Promise.resolve();
      waits.inFlight--;
      return answer(request.fields.payment_id as string);
    },
    room: async () => {
      waits.rooms++;
    },
    parse: (fields) => ({ fields: fields as { payment_id: string; amount: number } }),
  });
  const options = {
    partition: PARTITION,
    actor: 'operator',
    onRefused: (line: number, problem: RowProblem) => refused.push([line, problem]),
    onProgress: ({ rows }: { rows: number }) => progress.push(rows),
  };
  return { asked, refused, progress, waits, run: (rows: AsyncIterable<ImportRow>) => run(rows, options) };
}

describe('an import', () => {
  it('accepts each row as the operator, and counts those that were there apart', async () => {
    const { run, asked } = setup((id) => ({ payment: aPayment(), replayed: id === 'b' }));
    expect(await run(rowsOf(['a', 'b', 'c']))).toEqual({ rows: 3, accepted: 2, replayed: 1, refused: 0 });
    expect(asked[0]).toEqual({
      partition: PARTITION,
      fields: { payment_id: 'a', amount: 5 },
      idempotencyKey: undefined,
      actor: 'operator',
    });
  });

  it('takes no more than 256 rows at once, and waits for room before each batch', async () => {
    const { run, waits, progress } = setup();
    await run(rowsOf(Array.from({ length: 600 }, (_, n) => `p${n}`)));
    expect(waits).toMatchObject({ most: 256, rooms: 3 });
    expect(progress).toEqual([256, 512, 600]);
  });

  it('reads no further than the batch that it is at', async () => {
    let read = 0;
    async function* counted() {
      for await (const row of rowsOf(Array.from({ length: 600 }, (_, n) => `p${n}`))) {
        read++;
        yield row;
      }
    }
    const { run } = setup(() => {
      throw new UnavailableError('The disk is full.');
    });
    await expect(run(counted())).rejects.toThrow('The disk is full.');
    expect(read).toBe(256);
  });

  it('refuses rows without an id, which would be charged again when the file is run again', async () => {
    const { run, refused, asked } = setup();
    expect(await run(rowsOf([null, 'a']))).toMatchObject({ accepted: 1, refused: 1 });
    expect(refused).toEqual([
      [2, { code: 'payment_id_missing', detail: expect.stringMatching(/charge again/) }],
    ]);
    expect(asked.length).toBe(1);
  });

  it('names the line and the payment of what exists with other content', async () => {
    const { run, refused } = setup((id) => ({ refused: 'idempotency_mismatch', payment_id: id }));
    expect(await run(rowsOf(['a']))).toEqual({ rows: 1, accepted: 0, replayed: 0, refused: 1 });
    expect(refused).toMatchObject([[2, { code: 'idempotency_mismatch', payment_id: 'a' }]]);
  });

  it('goes on after rows that could not be read', async () => {
    async function* rows(): AsyncGenerator<ImportRow> {
      yield { line: 1, refused: { code: 'invalid_row', detail: 'is not JSON.' } };
      yield* rowsOf(['a']);
    }
    const { run, refused } = setup();
    expect(await run(rows())).toEqual({ rows: 2, accepted: 1, replayed: 0, refused: 1 });
    expect(refused.map(([line]) => line)).toEqual([1]);
  });

  it('of nothing is nothing', async () => {
    expect(await setup().run(rowsOf([]))).toEqual({ rows: 0, accepted: 0, replayed: 0, refused: 0 });
  });
});
