import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type DynamoDbLocal,
  javaMissing,
  startDynamoDbLocal,
} from '../../../test/emulators/dynamodb-local.ts';
import { timestamp } from '../../domain/payment.ts';
import type { AuditHeadStore, ObjectHead } from '../../ports/audit-log.ts';
import type { DeadLetterList } from '../../ports/dead-letter-list.ts';
import type { WorkItem } from '../../ports/work-queue.ts';
import { createDynamoAuditHeads } from './dynamo-audit-heads.ts';
import { createDynamoDeadLetters } from './dynamo-dead-letters.ts';

const item = (given: Partial<WorkItem> = {}): WorkItem => ({
  merchant_id: 'm_1',
  livemode: false,
  payment_id: 'p1',
  operation_id: 'charge.1',
  attempt: 0,
  ...given,
});

describe.skipIf(javaMissing)('on DynamoDB Local', () => {
  let local: DynamoDbLocal;
  let letters: DeadLetterList;
  let heads: AuditHeadStore;
  let nowMs = Date.parse('2026-03-02T09:30:00.000Z');

  beforeAll(async () => {
    local = await startDynamoDbLocal();
  }, 90_000);
  afterAll(() => local.stop());

  beforeEach(async () => {
    const { control: tableName } = await local.createTables();
    const client = local.client();
    letters = createDynamoDeadLetters({ client, tableName, clock: { now: () => nowMs } });
    heads = createDynamoAuditHeads({ client, tableName });
  });

  describe('the list of dead letters', () => {
    it('gives back what was put, with its reason and time', async () => {
      expect([await letters.list(10), await letters.count()]).toEqual([[], 0]);
      await letters.put(item({ attempt: 8, livemode: true }), 'not settled for 7 days – "unklar" 🤷 \u0000');
      const [letter] = await letters.list(10);
      expect(letter).toEqual({
        id: 'live#m_1#p1#charge.1',
        item: item({ attempt: 8, livemode: true }),
        reason: 'not settled for 7 days – "unklar" 🤷 \u0000',
        at: timestamp(nowMs),
      });
      expect(await letters.get('live#m_1#p1#charge.1')).toEqual({ ...letter, puts: 1 });
      expect(await letters.count()).toBe(1);
    });

    it('keeps the first one of an operation', async () => {
      await letters.put(item(), 'first');
      const [first] = await letters.list(10);
      nowMs += 1_000;
      await letters.put(item({ attempt: 9 }), 'again');
      expect(await letters.list(10)).toEqual([first]);
    });

    it('tells operations apart by each part of their name', async () => {
      const items = [
        item(),
        item({ operation_id: 'r1' }),
        item({ payment_id: 'p2' }),
        item({ merchant_id: 'm_2' }),
        item({ livemode: true }),
      ];
      for (const one of items) await letters.put(one, 'why');
      expect(await letters.count()).toBe(items.length);
      await letters.drop(item({ attempt: 7 }));
      expect(await letters.count()).toBe(items.length - 1);
      expect(await letters.get('test#m_1#p1#charge.1')).toBeNull();
    });

    it('removes one, once', async () => {
      await letters.put(item(), 'why');
      expect(await letters.remove({ id: 'test#m_1#p1#charge.1', puts: 1 })).toBe(true);
      expect(await letters.remove({ id: 'test#m_1#p1#charge.1', puts: 1 })).toBe(false);
      await letters.drop(item());
      expect(await letters.list(10)).toEqual([]);
    });

    it('keeps one that was put there again since it was read', async () => {
      await letters.put(item(), 'first');
      const read = await letters.get('test#m_1#p1#charge.1');
      await letters.put(item({ attempt: 9 }), 'again');
      expect(await letters.remove(read ?? { id: '', puts: 0 })).toBe(false);
      expect(await letters.get('test#m_1#p1#charge.1')).toMatchObject({ reason: 'first', puts: 2 });
    });

    it.each(['', '0', 'no-such-letter', 'x'.repeat(2_000), '漢'.repeat(400)])(
      'knows none named "%.20s"',
      async (id) => {
        expect(await letters.get(id)).toBeNull();
        expect(await letters.remove({ id, puts: 1 })).toBe(false);
      },
    );

    it('lists no more than the limit, and counts over pages', async () => {
      // Long reasons, so that they fill more than one page of 1 MB.
      const reason = 'why '.repeat(10_000);
      for (let n = 0; n < 30; n += 1) await letters.put(item({ operation_id: `r${n}` }), reason);
      expect(await letters.list(7)).toHaveLength(7);
      expect(await letters.list(100)).toHaveLength(30);
      expect(await letters.count()).toBe(30);
    });
  });

  describe("the audit log's head", () => {
    const EMPTY: ObjectHead = { records: 0, hash: '0'.repeat(64), object: 0 };
    const first: ObjectHead = { records: 3, hash: 'a'.repeat(64), object: 1 };
    const second: ObjectHead = { records: 5, hash: 'b'.repeat(64), object: 2 };

    it('is that of an empty chain before anything is written', async () => {
      expect(await heads.load()).toEqual(EMPTY);
    });

    it('moves from where it is, and from nowhere else', async () => {
      expect(await heads.move(first, second)).toBe(false);
      expect(await heads.move(EMPTY, first)).toBe(true);
      expect(await heads.load()).toEqual(first);
      expect(await heads.move(EMPTY, second)).toBe(false);
      for (const other of [{ records: 4 }, { hash: 'c'.repeat(64) }, { object: 2 }]) {
        expect(await heads.move({ ...first, ...other }, second)).toBe(false);
      }
      expect(await heads.move(first, second)).toBe(true);
      expect(await heads.move(first, second)).toBe(false);
      expect(await heads.load()).toEqual(second);
    });

    it('is moved by exactly one of many at once', async () => {
      const rivals = Array.from({ length: 20 }, (_, n) => ({ ...first, hash: String(n).padStart(64, 'd') }));
      const moved = await Promise.all(rivals.map((rival) => heads.move(EMPTY, rival)));
      const winners = rivals.filter((_, n) => moved[n]);
      expect(winners).toHaveLength(1);
      expect(await heads.load()).toEqual(winners[0]);
    });

    it('and the dead letters do not meet', async () => {
      await heads.move(EMPTY, first);
      await letters.put(item(), 'why');
      expect(await letters.count()).toBe(1);
      expect(await heads.load()).toEqual(first);
    });
  });
});
