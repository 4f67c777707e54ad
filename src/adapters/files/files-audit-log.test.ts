import { chmodSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeAuditLog } from '../../ports/audit-log.contract.ts';
import { EMPTY_HEAD } from './anchor.fixture.ts';
import { type AuditFolder, auditFolder, entries } from './audit-folder.fixture.ts';
import { MAX_TORN_BYTES } from './recover.ts';

describeAuditLog('files', async () => {
  const folder = auditFolder();
  return { log: await folder.open(), close: () => folder.remove() };
});

describeAuditLog('files, with segments of a few records', async () => {
  const folder = auditFolder();
  return { log: await folder.open({ segmentBytes: 300 }), close: () => folder.remove() };
});

describe('audit log in files', () => {
  let at: AuditFolder;

  beforeEach(() => {
    at = auditFolder();
  });

  afterEach(() => at.remove());

  const first = 'audit-000001.ndjson';
  const second = 'audit-000002.ndjson';

  it('keeps the files for their owner alone', async () => {
    const log = await at.open();
    await log.append(entries(1), 'a');
    expect(statSync(at.folder).mode & 0o777).toBe(0o700);
    expect(statSync(join(at.folder, first)).mode & 0o777).toBe(0o600);
  });

  it('makes every folder on the way, and takes one that is there', async () => {
    mkdirSync(at.folder);
    chmodSync(at.folder, 0o750);
    await at.open();
    expect(statSync(at.folder).mode & 0o777).toBe(0o750);
  });

  it('moves the anchor to the end of what is written, with the position', async () => {
    const log = await at.open();
    const head = await log.append(entries(3), 'position-7');
    expect(at.anchor.head).toEqual({ ...head, segment: 1, bytes: at.read().get(first)?.length });
    expect(at.anchor.position).toBe('position-7');
  });

  it('saves only the position when there are no entries', async () => {
    const log = await at.open();
    await log.append([], 'position-8');
    expect(at.anchor.head).toEqual(EMPTY_HEAD);
    expect(at.anchor.position).toBe('position-8');
    expect(at.read().size).toBe(0);
  });

  it('begins a segment when an append would make the one before it too long', async () => {
    const log = await at.open({ segmentBytes: 1_000 });
    for (let n = 1; n <= 20; n += 1) await log.append(entries(2, n), String(n));
    const segments = at.read();
    expect([...segments.keys()].length).toBeGreaterThan(3);
    for (const bytes of segments.values()) expect(bytes.length).toBeLessThanOrEqual(1_000);
    expect(at.anchor.head.segment).toBe(segments.size);
    expect(await log.verify()).toMatchObject({ ok: true, head: { records: 40 } });
  });

  it('keeps an append together that is longer than a segment', async () => {
    const log = await at.open({ segmentBytes: 1_000 });
    await log.append(entries(30), 'a');
    await log.append(entries(1), 'b');
    expect([...at.read().keys()]).toEqual([first, second]);
  });

  it('goes on after it was closed and opened', async () => {
    const log = await at.open();
    await log.append(entries(3), 'a');
    await log.close();
    const again = await at.open();
    expect((await again.head()).records).toBe(3);
    await again.append(entries(2, 4), 'b');
    expect(await again.verify()).toMatchObject({ ok: true, head: { records: 5 } });
    expect(at.logger.warnings).toEqual([]);
  });

  it('finishes the appends under way before it closes, and takes none afterwards', async () => {
    const log = await at.open();
    const append = log.append(entries(3), 'a');
    await log.close();
    expect((await append).records).toBe(3);
    await expect(log.append(entries(1), 'b')).rejects.toThrow('closed');
  });

  it('refuses an append that is larger than a tail which it would cut', async () => {
    const log = await at.open();
    await expect(log.append([{ note: 'x'.repeat(MAX_TORN_BYTES) }], 'a')).rejects.toThrow('too large');
    expect((await log.append(entries(1), 'a')).records).toBe(1);
  });

  describe('opened after a crash', () => {
    it('cuts what was not acknowledged, wherever the write broke off, and writes the same bytes again', async () => {
      const log = await at.open();
      await log.append(entries(3), 'a');
      await log.close();
      const anchored = at.anchor.head;
      const again = await at.open();
      await again.append(entries(2, 4), 'b');
      const whole = at.read().get(first) as Buffer;
      const wholeHead = at.anchor.head;
      for (let kept = anchored.bytes + 1; kept <= whole.length; kept += 1) {
        at.write(new Map([[first, whole.subarray(0, kept)]]));
        at.anchor.head = anchored;
        at.logger.warnings.length = 0;
        const restarted = await at.open();
        expect(at.logger.warnings).toMatchObject([{ cut_bytes: kept - anchored.bytes }]);
        await restarted.append(entries(2, 4), 'b');
        expect(at.read().get(first)).toEqual(whole);
        expect(at.anchor.head).toEqual(wholeHead);
        await restarted.close();
      }
    });

    it('removes a segment that was begun and not acknowledged, even an empty one', async () => {
      const log = await at.open({ segmentBytes: 300 });
      await log.append(entries(2), 'a');
      const anchored = at.anchor.head;
      await log.append(entries(2, 3), 'b');
      await log.close();
      const whole = at.read();
      expect(whole.size).toBe(2);
      for (const kept of [0, 1, 100]) {
        at.write(new Map(whole).set(second, (whole.get(second) as Buffer).subarray(0, kept)));
        at.anchor.head = anchored;
        const restarted = await at.open({ segmentBytes: 300 });
        expect([...at.read().keys()]).toEqual([first]);
        await restarted.append(entries(2, 3), 'b');
        expect(at.read()).toEqual(whole);
        await restarted.close();
      }
    });

    it('cuts the very first append', async () => {
      const log = await at.open();
      await log.append(entries(2), 'a');
      await log.close();
      at.anchor.head = EMPTY_HEAD;
      const restarted = await at.open();
      expect(at.read().get(first)).toHaveLength(0);
      await restarted.append(entries(2), 'a');
      expect(await restarted.verify()).toMatchObject({ ok: true, head: { records: 2 } });
    });
  });

  describe('opened on files that are not what the anchor says', () => {
    beforeEach(async () => {
      const log = await at.open({ segmentBytes: 300 });
      for (let n = 1; n <= 6; n += 2) await log.append(entries(2, n), String(n));
      await log.close();
      expect(at.read().size).toBe(3);
    });

    const third = 'audit-000003.ndjson';

    async function refuses(segments: ReadonlyMap<string, Uint8Array>, message: string) {
      at.write(segments);
      await expect(at.open()).rejects.toThrow(message);
      // Not `toEqual`: it takes seconds for megabytes.
      const kept = at.read();
      expect([...kept.keys()]).toEqual([...segments.keys()]);
      for (const [name, bytes] of segments) expect(kept.get(name)?.equals(bytes)).toBe(true);
    }

    it('refuses a log that is shorter, by a byte or altogether, and says what to do', async () => {
      const whole = at.read();
      const cut = (whole.get(third) as Buffer).subarray(0, -1);
      await refuses(new Map(whole).set(third, cut), `${third} has only ${cut.length} bytes`);
      await refuses(new Map(whole).set(third, Buffer.alloc(0)), 'Restore the folder from a backup');
    });

    it('refuses a log without one of its segments', async () => {
      for (const name of [first, second, third]) {
        const without = new Map(at.read());
        without.delete(name);
        const whole = at.read();
        await refuses(without, `${name} is missing`);
        at.write(whole);
      }
    });

    it('refuses a log that has another record where its head should be', async () => {
      const whole = at.read();
      const edited = Buffer.from(whole.get(third) as Buffer);
      edited[edited.length - 10] = (edited[edited.length - 10] as number) ^ 1;
      await refuses(new Map(whole).set(third, edited), 'another record there');
    });

    it('does not cut more than a crash can leave', async () => {
      const whole = at.read();
      at.anchor.head = EMPTY_HEAD;
      await refuses(whole, 'beyond its head (an empty log): more than a crash leaves');
      const large = Buffer.concat([whole.get(first) as Buffer, Buffer.alloc(MAX_TORN_BYTES + 1)]);
      at.anchor.head = {
        records: 2,
        hash: JSON.parse((whole.get(first) as Buffer).toString().split('\n')[1] as string).hash,
        segment: 1,
        bytes: (whole.get(first) as Buffer).length,
      };
      await refuses(new Map([[first, large]]), 'beyond its head (record 2)');
    });

    it('lets files be that are none of its own', async () => {
      const whole = at.read();
      at.write(new Map(whole).set('README.txt', Buffer.from('mine')));
      await at.open();
      expect(at.read().get('README.txt')?.toString()).toBe('mine');
    });
  });
});
