import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AuditEntry, AuditLog } from './audit-log.ts';

export interface AuditLogSetup {
  log: AuditLog;
  close(): Promise<void>;
}

const EMPTY = { records: 0, hash: '0'.repeat(64) };

function change(number: number, more: AuditEntry = {}): AuditEntry {
  return { payment_id: `order-${number}`, version: 1, ...more };
}

async function linesOf(log: AuditLog): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of log.lines()) lines.push(line);
  return lines;
}

/** The chain by its definition, and with none of the code under test. */
function headByDefinition(lines: readonly string[]): string {
  let previous = EMPTY.hash;
  for (const line of lines) {
    const suffix = line.slice(-75);
    expect(suffix).toMatch(/^,"hash":"[0-9a-f]{64}"\}$/);
    const covered = `${previous}${line.slice(0, -75)}}`;
    previous = createHash('sha256').update(covered, 'utf8').digest('hex');
    expect(JSON.parse(line).hash).toBe(previous);
  }
  return previous;
}

/** What every audit log must do, whatever keeps it. */
export function describeAuditLog(name: string, make: () => Promise<AuditLogSetup>): void {
  describe(`audit log: ${name}`, () => {
    let setup: AuditLogSetup;
    let log: AuditLog;

    beforeEach(async () => {
      setup = await make();
      log = setup.log;
    });

    afterEach(() => setup.close());

    it('begins empty, and an empty chain is whole', async () => {
      expect(await log.head()).toEqual(EMPTY);
      expect(await log.verify()).toEqual({ ok: true, head: EMPTY });
      expect(await linesOf(log)).toEqual([]);
    });

    it('answers an append with the new head', async () => {
      const head = await log.append([change(1), change(2)], 'a');
      expect(head.records).toBe(2);
      expect(await log.head()).toEqual(head);
      expect(await log.verify()).toEqual({ ok: true, head });
    });

    it('chains every record to the one before it, over the exact bytes of its line', async () => {
      await log.append([change(1), change(2)], 'a');
      await log.append([change(3, { note: 'ü ☃ \u2028 \ud83d\ude00 \ud800 "quoted" \\' })], 'b');
      const lines = await linesOf(log);
      expect(lines).toHaveLength(3);
      expect(await log.head()).toEqual({ records: 3, hash: headByDefinition(lines) });
    });

    it('keeps entries as they were given, in order, one to a line', async () => {
      const given = Array.from({ length: 50 }, (_, index) => change(index, { note: `line\n${index}\r\n` }));
      for (let at = 0; at < given.length; at += 7) await log.append(given.slice(at, at + 7), String(at));
      const lines = await linesOf(log);
      const kept = lines.map((line) => {
        expect(line).not.toContain('\n');
        const { hash, ...entry } = JSON.parse(line);
        expect(hash).toMatch(/^[0-9a-f]{64}$/);
        return entry;
      });
      expect(kept).toEqual(given);
    });

    it('gives the same bytes for the same entries, however they are divided into appends', async () => {
      const other = await make();
      await log.append([change(1), change(2), change(3)], 'a');
      await other.log.append([change(1)], 'a');
      await other.log.append([change(2), change(3)], 'b');
      const lines = await linesOf(other.log);
      await other.close();
      expect(lines).toEqual(await linesOf(log));
    });

    it('keeps the lines of concurrent appends together', async () => {
      const batches = Array.from({ length: 20 }, (_, batch) => [1, 2, 3].map((n) => change(n, { batch })));
      const heads = await Promise.all(batches.map((batch, index) => log.append(batch, String(index))));
      const order = (await linesOf(log)).map((line) => JSON.parse(line).batch as number);
      expect(order).toHaveLength(60);
      for (let at = 0; at < 60; at += 3) expect(new Set(order.slice(at, at + 3)).size).toBe(1);
      expect(heads.map(({ records }) => records).sort((a, b) => a - b)).toEqual(
        batches.map((_, i) => 3 * (i + 1)),
      );
      expect((await log.verify()).ok).toBe(true);
    });

    it('adds nothing for an append of no entries', async () => {
      const head = await log.append([change(1)], 'a');
      expect(await log.append([], 'b')).toEqual(head);
      expect(await log.head()).toEqual(head);
      expect(await linesOf(log)).toHaveLength(1);
    });

    it('takes none of an append with an entry that cannot be chained, and then the next one', async () => {
      const head = await log.append([change(1)], 'a');
      await expect(log.append([change(2), {}], 'b')).rejects.toThrow('at least one member');
      await expect(log.append([change(2), { hash: 'mine' }], 'b')).rejects.toThrow('none named "hash"');
      expect(await log.head()).toEqual(head);
      expect((await log.append([change(2)], 'b')).records).toBe(2);
      expect((await log.verify()).ok).toBe(true);
    });

    it('finds a head that was noted earlier in the chain, and no other', async () => {
      const noted = await log.append([change(1), change(2)], 'a');
      const head = await log.append([change(3)], 'b');
      expect(await log.verify(noted.hash)).toEqual({ ok: true, head });
      expect(await log.verify(head.hash)).toEqual({ ok: true, head });
      expect(await log.verify(EMPTY.hash)).toEqual({ ok: true, head });
      const foreign = 'f'.repeat(64);
      const verdict = await log.verify(foreign);
      expect(verdict).toMatchObject({ ok: false, record: 3, problem: expect.stringContaining(foreign) });
    });

    it('misses a noted head in an empty chain', async () => {
      expect(await log.verify('f'.repeat(64))).toMatchObject({ ok: false, record: 1 });
    });
  });
}
