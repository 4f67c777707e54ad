import { gunzipSync, gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { chainEntry, GENESIS_HASH } from '../../domain/audit-chain.ts';
import type { AuditLog } from '../../ports/audit-log.ts';
import { type MemoryHeads, memoryHeads } from './memory-heads.fixture.ts';
import { entries, type MemoryObjects, memoryObjects, recordingLogger } from './memory-objects.fixture.ts';
import { createObjectAuditLog } from './s3-audit-log.ts';

/** Enough for every kind of damage to meet the first, the last and the edge records of objects. */
const RUNS = 300;
/** Records of each object. */
const SIZES = [3, 1, 5, 4, 2, 6, 3];
const RECORDS = SIZES.reduce((sum, size) => sum + size, 0);

/** Each kind of damage at random places: all of it is found, and the first broken record is named. */
describe('damage to an audit log in objects', () => {
  let objects: MemoryObjects;
  let heads: MemoryHeads;
  let log: AuditLog;
  /** Lines of each object, with their newlines. */
  let parts: string[][];
  let lines: string[];

  beforeEach(async () => {
    objects = memoryObjects();
    heads = memoryHeads();
    const deps = { timers: { sleep: async () => undefined }, ids: { random: () => 0 } };
    log = createObjectAuditLog({ objects, heads, logger: recordingLogger(), ...deps });
    let first = 1;
    for (const size of SIZES) {
      await log.append(entries(size, first), 'x');
      first += size;
    }
    parts = [...objects.kept.values()].map((bytes) => gunzipSync(bytes).toString().match(/.*\n/g) ?? []);
    lines = parts.flat();
    expect(lines).toHaveLength(RECORDS);
  });

  function write(damaged: readonly (string | Uint8Array | null)[]): void {
    objects.kept.clear();
    for (const [index, text] of damaged.entries())
      if (text !== null) objects.kept.set(index + 1, gzipSync(text));
  }

  const asText = (damaged: readonly (readonly string[])[]) => damaged.map((part) => part.join(''));

  /** The objects with each line as `change` makes it, none if it answers none. */
  function changed(change: (line: string, record: number) => readonly string[]): string[][] {
    let record = 0;
    return parts.map((part) =>
      part.flatMap((line) => {
        record += 1;
        return change(line, record);
      }),
    );
  }

  /** The object of a record, from 0, and how many records stand before that object. */
  function objectOf(record: number): { index: number; before: number } {
    let before = 0;
    let index = 0;
    while (before + (SIZES[index] as number) < record) {
      before += SIZES[index] as number;
      index += 1;
    }
    return { index, before };
  }

  async function expectBroken(record: number): Promise<void> {
    expect(await log.verify()).toMatchObject({
      ok: false,
      record,
      where: expect.stringMatching(/^audit\/\d{12}\.ndjson\.gz(, line \d+)?$/),
    });
  }

  const anyRecord = fc.integer({ min: 1, max: RECORDS });
  const anyObject = fc.integer({ min: 0, max: SIZES.length - 1 });
  const options = { numRuns: RUNS, seed: 42 };

  it('is not seen where there is none, however the objects are packed', async () => {
    expect(await log.verify()).toMatchObject({ ok: true, head: { records: RECORDS } });
    write(asText(parts));
    expect(await log.verify()).toMatchObject({ ok: true, head: { records: RECORDS } });
  });

  it('is found when a byte of a record was edited', async () => {
    await fc.assert(
      fc.asyncProperty(anyRecord, fc.nat(), fc.integer({ min: 1, max: 255 }), async (record, nth, mask) => {
        const { index, before } = objectOf(record);
        const damaged = asText(parts).map((text) => Buffer.from(text));
        const start = (parts[index] as string[]).slice(0, record - before - 1).join('').length;
        const byte = start + (nth % (lines[record - 1] as string).length);
        const text = damaged[index] as Buffer;
        text[byte] = (text[byte] as number) ^ mask;
        write(damaged);
        await expectBroken(record);
      }),
      options,
    );
  });

  it('is found when a byte of a packed object was edited, unless its records are the same as before', async () => {
    let found = 0;
    await fc.assert(
      fc.asyncProperty(anyObject, fc.nat(), fc.integer({ min: 1, max: 255 }), async (index, nth, mask) => {
        write(asText(parts));
        const bytes = Buffer.from(objects.kept.get(index + 1) as Uint8Array);
        bytes[nth % bytes.length] = (bytes[nth % bytes.length] as number) ^ mask;
        objects.kept.set(index + 1, bytes);
        const verdict = await log.verify();
        if (!verdict.ok) {
          found += 1;
          return;
        }
        const read: string[] = [];
        for await (const line of log.lines()) read.push(`${line}\n`);
        expect(read).toEqual(lines);
      }),
      options,
    );
    // What says nothing of the records: time and system in the header, and the bits that fill the last byte.
    expect(found).toBeGreaterThan(RUNS * 0.85);
  });

  it('is found when text without a newline was added to an object', async () => {
    for (let index = 0; index < SIZES.length; index += 1) {
      write(asText(parts).map((text, n) => (n === index ? `${text} ` : text)));
      await expectBroken(parts.slice(0, index + 1).flat().length + 1);
    }
  });

  it('is found when bytes were added to a packed object', async () => {
    for (const added of ['\0', 'x', gzipSync('{}\n'), gzipSync('')]) {
      write(asText(parts));
      objects.kept.set(2, Buffer.concat([objects.kept.get(2) as Uint8Array, Buffer.from(added)]));
      const verdict = await log.verify();
      // A second package with nothing in it adds nothing to the log.
      if (added.length === 20) expect(verdict).toMatchObject({ ok: true });
      else expect(verdict).toMatchObject({ ok: false });
    }
  });

  it('is found when a packed object was cut at any byte', async () => {
    write(asText(parts));
    const whole = objects.kept.get(3) as Uint8Array;
    for (let length = 0; length < whole.length; length += 1) {
      objects.kept.set(3, whole.subarray(0, length));
      await expectBroken(5);
    }
  });

  it('is found when a record was dropped', async () => {
    for (let record = 1; record <= RECORDS; record += 1) {
      write(asText(changed((line, n) => (n === record ? [] : [line]))));
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
        write(asText(changed((line, n) => [swapped.get(n) ?? line])));
        await expectBroken(Math.min(one, other));
      }),
      options,
    );
  });

  it('is found when a copy of a record was inserted', async () => {
    await fc.assert(
      fc.asyncProperty(anyRecord, anyRecord, async (before, copied) => {
        write(asText(changed((line, n) => (n === before ? [lines[copied - 1] as string, line] : [line]))));
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
        write(asText(changed((line, n) => (n === before ? [forged, line] : [line]))));
        await expectBroken(before);
      }),
      options,
    );
  });

  it('is found when a record was added at the end of the last object', async () => {
    const forged = `${chainEntry(heads.head.hash, { payment_id: 'forged' }).line}\n`;
    write(asText(changed((line, n) => (n === RECORDS ? [line, forged] : [line]))));
    await expectBroken(RECORDS + 1);
  });

  it('is found when the log was truncated at any record, with the objects after it or without', async () => {
    await fc.assert(
      fc.asyncProperty(anyRecord, fc.nat(), fc.boolean(), async (record, nth, keepsLater) => {
        const { index, before } = objectOf(record);
        const damaged: (string | null)[] = asText(parts);
        const start = (parts[index] as string[]).slice(0, record - before - 1).join('').length;
        const end = start + (nth % (lines[record - 1] as string).length);
        damaged[index] = (damaged[index] as string).slice(0, end);
        write(keepsLater ? damaged : damaged.slice(0, index + 1));
        await expectBroken(record);
      }),
      options,
    );
  });

  it('is found when the chain was written anew from a record on, with hashes that are right', async () => {
    for (let record = 1; record <= RECORDS; record += 1) {
      let hash = record === 1 ? GENESIS_HASH : JSON.parse(lines[record - 2] as string).hash;
      write(
        asText(
          changed((line, n) => {
            if (n < record) return [line];
            const { hash: _, ...entry } = JSON.parse(line);
            const next = chainEntry(hash, n === record ? { ...entry, amount: 1 } : entry);
            hash = next.hash;
            return [`${next.line}\n`];
          }),
        ),
      );
      // It is whole in itself: the head tells, at its own record.
      await expectBroken(RECORDS);
    }
  });

  it('is found when an object is missing', async () => {
    for (let index = 0; index < SIZES.length; index += 1) {
      write(asText(parts).map((text, n) => (n === index ? null : text)));
      await expectBroken(parts.slice(0, index).flat().length + 1);
    }
  });

  it('is found when two objects were swapped', async () => {
    await fc.assert(
      fc.asyncProperty(anyObject, anyObject, async (one, other) => {
        fc.pre(one !== other);
        const damaged = asText(parts);
        [damaged[one], damaged[other]] = [damaged[other] as string, damaged[one] as string];
        write(damaged);
        await expectBroken(parts.slice(0, Math.min(one, other)).flat().length + 1);
      }),
      options,
    );
  });

  it('is found when the head was set back, and the objects after it are there', async () => {
    const first = JSON.parse(lines[(SIZES[0] as number) - 1] as string);
    heads.head = { object: 1, records: SIZES[0] as number, hash: first.hash };
    await expectBroken((SIZES[0] as number) + 1);
  });

  it('is found when the head was set back with the objects, against a head that was noted', async () => {
    const noted = heads.head.hash;
    const first = JSON.parse(lines[(SIZES[0] as number) - 1] as string);
    heads.head = { object: 1, records: SIZES[0] as number, hash: first.hash };
    write(asText(parts).slice(0, 1));
    expect(await log.verify()).toMatchObject({ ok: true });
    expect(await log.verify(noted)).toMatchObject({ ok: false, record: SIZES[0] });
  });

  describe('beyond the head', () => {
    const next = (previous: string) => `${chainEntry(previous, { payment_id: 'next' }).line}\n`;

    it('is none where one object follows: its head is still to be moved', async () => {
      write([...asText(parts), next(heads.head.hash)]);
      expect(await log.verify()).toMatchObject({ ok: true, head: { records: RECORDS } });
    });

    it('is found where an object does not follow', async () => {
      for (const text of [next(GENESIS_HASH), '', 'x', `${lines[0]}`]) {
        write([...asText(parts), text]);
        await expectBroken(RECORDS + 1);
      }
    });

    it('is found where more than one stands, or one with a gap before it', async () => {
      write([...asText(parts), next(heads.head.hash), next(heads.head.hash)]);
      await expectBroken(RECORDS + 1);
      write([...asText(parts), null, next(heads.head.hash)]);
      await expectBroken(RECORDS + 1);
    });

    it('is none where the head was moved meanwhile, and the walk goes on to it', async () => {
      let appended = 0;
      const { load } = heads;
      heads.load = async () => {
        const head = await load();
        if (appended++ < 3) await log.append(entries(1, 100 + appended), 'x');
        return head;
      };
      expect(await log.verify()).toMatchObject({ ok: true, head: { records: RECORDS + 3 } });
    });
  });

  it('stops a reader of the lines where one cannot be read', async () => {
    write(asText(parts).map((text, n) => (n === 2 ? null : text)));
    const read: string[] = [];
    const reading = async () => {
      for await (const line of log.lines()) read.push(line);
    };
    await expect(reading()).rejects.toThrow(/000000000003.*missing.*audit verify/);
    expect(read).toHaveLength(4);
  });
});
