import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chainEntry, GENESIS_HASH } from '../../domain/audit-chain.ts';
import { type AuditFolder, auditFolder, countingTimers, entries } from './audit-folder.fixture.ts';
import { readFilesAuditLog } from './files-audit-reader.ts';
import { segmentName } from './segments.ts';

/** Enough for every kind of damage to meet the first, the last and the edge records of segments. */
const RUNS = 300;
const RECORDS = 24;

/** Each kind of damage at random places: all of it is found, and the first broken record is named. */
describe('damage to an audit log in files', () => {
  let at: AuditFolder;
  /** Lines of each segment, with their newlines. */
  let segments: string[][];
  let lines: string[];

  beforeAll(async () => {
    at = auditFolder();
    const log = await at.open({ segmentBytes: 900 });
    for (let n = 1; n <= RECORDS; n += 2) await log.append(entries(2, n), String(n));
    await log.close();
    segments = [...at.read().values()].map((bytes) => bytes.toString().match(/.*\n/g) ?? []);
    lines = segments.flat();
    expect(segments.length).toBeGreaterThan(3);
    expect(lines).toHaveLength(RECORDS);
  });

  afterAll(() => at.remove());

  function write(damaged: readonly (Uint8Array | null)[]): void {
    const named = new Map<string, Uint8Array>();
    for (const [index, bytes] of damaged.entries()) if (bytes) named.set(segmentName(index + 1), bytes);
    at.write(named);
  }

  function asBytes(damaged: readonly (readonly string[])[]): Buffer[] {
    return damaged.map((segment) => Buffer.from(segment.join('')));
  }

  function verify() {
    return readFilesAuditLog({ folder: at.folder, anchor: at.anchor, timers: countingTimers() }).verify();
  }

  /** The segment of a record, from 0, and how many records stand before that segment. */
  function segmentOf(record: number): { index: number; before: number } {
    let before = 0;
    let index = 0;
    while (before + (segments[index] as string[]).length < record) {
      before += (segments[index] as string[]).length;
      index += 1;
    }
    return { index, before };
  }

  /** The segments with each line as `change` makes it, none if it answers none. */
  function changed(change: (line: string, record: number) => readonly string[]): string[][] {
    let record = 0;
    return segments.map((segment) =>
      segment.flatMap((line) => {
        record += 1;
        return change(line, record);
      }),
    );
  }

  async function expectBroken(record: number): Promise<void> {
    const verdict = await verify();
    expect(verdict).toMatchObject({
      ok: false,
      record,
      where: expect.stringMatching(/^audit-\d{6}\.ndjson, byte \d+$/),
    });
  }

  const anyRecord = fc.integer({ min: 1, max: RECORDS });
  const options = { numRuns: RUNS, seed: 42 };

  it('is not seen where there is none', async () => {
    write(asBytes(segments));
    expect(await verify()).toMatchObject({ ok: true, head: { records: RECORDS } });
  });

  it('is found when a byte was edited', async () => {
    await fc.assert(
      fc.asyncProperty(anyRecord, fc.nat(), fc.integer({ min: 1, max: 255 }), async (record, nth, mask) => {
        const { index, before } = segmentOf(record);
        const damaged = asBytes(segments);
        const start = (segments[index] as string[]).slice(0, record - before - 1).join('').length;
        const byte = start + (nth % (lines[record - 1] as string).length);
        const segment = damaged[index] as Buffer;
        segment[byte] = (segment[byte] as number) ^ mask;
        write(damaged);
        await expectBroken(record);
      }),
      options,
    );
  });

  it('is found when a newline was edited', async () => {
    for (let record = 1; record <= RECORDS; record += 1) {
      write(asBytes(changed((line, n) => [n === record ? `${line.slice(0, -1)} ` : line])));
      await expectBroken(record);
    }
  });

  it('is found when a record was dropped', async () => {
    for (let record = 1; record <= RECORDS; record += 1) {
      write(asBytes(changed((line, n) => (n === record ? [] : [line]))));
      await expectBroken(record);
    }
  });

  it('is found when two records were swapped', async () => {
    await fc.assert(
      fc.asyncProperty(anyRecord, anyRecord, async (one, other) => {
        fc.pre(one !== other);
        const swapped = new Map([
          [one, lines[other - 1] as string],
          [other, lines[one - 1] as string],
        ]);
        write(asBytes(changed((line, n) => [swapped.get(n) ?? line])));
        await expectBroken(Math.min(one, other));
      }),
      options,
    );
  });

  it('is found when a copy of a record was inserted', async () => {
    await fc.assert(
      fc.asyncProperty(anyRecord, anyRecord, async (before, copied) => {
        write(asBytes(changed((line, n) => (n === before ? [lines[copied - 1] as string, line] : [line]))));
        // A copy in front of its original is the original, and what follows is the copy.
        await expectBroken(copied === before ? before + 1 : before);
      }),
      options,
    );
  });

  it('is found when a record was inserted that follows correctly from the one before it', async () => {
    await fc.assert(
      fc.asyncProperty(anyRecord, fc.string({ maxLength: 300 }), async (before, note) => {
        const previous = before === 1 ? GENESIS_HASH : JSON.parse(lines[before - 2] as string).hash;
        const forged = `${chainEntry(previous, { payment_id: 'forged', note }).line}\n`;
        write(asBytes(changed((line, n) => (n === before ? [forged, line] : [line]))));
        await expectBroken(before);
      }),
      options,
    );
  });

  it('is found when a record was added at the end', async () => {
    const previous = JSON.parse(lines[RECORDS - 1] as string).hash;
    const forged = `${chainEntry(previous, { payment_id: 'forged' }).line}\n`;
    write(asBytes(changed((line, n) => (n === RECORDS ? [line, forged] : [line]))));
    await expectBroken(RECORDS + 1);
    write([...asBytes(segments), Buffer.from(forged)]);
    await expectBroken(RECORDS + 1);
  });

  it('is found when the log was truncated', async () => {
    await fc.assert(
      fc.asyncProperty(anyRecord, fc.nat(), fc.boolean(), async (record, nth, keepsLater) => {
        const { index, before } = segmentOf(record);
        const damaged: (Buffer | null)[] = asBytes(segments);
        const start = (segments[index] as string[]).slice(0, record - before - 1).join('').length;
        const byte = start + (nth % (lines[record - 1] as string).length);
        damaged[index] = (damaged[index] as Buffer).subarray(0, byte);
        write(keepsLater ? damaged : damaged.slice(0, index + 1));
        await expectBroken(record);
      }),
      options,
    );
  });

  it('is found when a segment was removed', async () => {
    for (let index = 0; index < segments.length; index += 1) {
      write(asBytes(segments).map((bytes, n) => (n === index ? null : bytes)));
      await expectBroken(segments.slice(0, index).flat().length + 1);
    }
  });

  it('is found when two segments were swapped', async () => {
    const [one, other, ...rest] = asBytes(segments);
    write([other as Buffer, one as Buffer, ...rest]);
    await expectBroken(1);
  });
});
