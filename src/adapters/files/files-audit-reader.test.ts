import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { chainEntry, GENESIS_HASH } from '../../domain/audit-chain.ts';
import type { AnchoredHead } from '../../ports/audit-log.ts';
import { testAnchor } from './anchor.fixture.ts';
import { type AuditFolder, auditFolder, countingTimers, entries } from './audit-folder.fixture.ts';
import { readFilesAuditLog } from './files-audit-reader.ts';

describe('reading an audit log in files', () => {
  let at: AuditFolder;
  const first = 'audit-000001.ndjson';

  beforeEach(async () => {
    at = auditFolder();
    const log = await at.open();
    await log.append(entries(5), 'a');
    await log.close();
  });

  afterEach(() => at.remove());

  function reader(anchor = at.anchor, timers = countingTimers()) {
    return readFilesAuditLog({ folder: at.folder, anchor, timers });
  }

  function bytes(): Buffer {
    return at.read().get(first) as Buffer;
  }

  /** Appends as the server would, and answers what stood in the anchor before. */
  async function appended(count: number, firstEntry: number, segmentBytes?: number): Promise<AnchoredHead> {
    const before = at.anchor.head;
    const log = await at.open(segmentBytes === undefined ? {} : { segmentBytes });
    await log.append(entries(count, firstEntry), 'b');
    await log.close();
    return before;
  }

  it('verifies from another process than the one that writes', async () => {
    const writer = await at.open();
    await writer.append(entries(3, 6), 'b');
    expect(await reader().verify()).toEqual({ ok: true, head: await writer.head() });
  });

  it('calls a folder that is not there an empty log, if the anchor does', async () => {
    const nowhere = readFilesAuditLog({
      folder: `${at.folder}/none`,
      anchor: testAnchor(),
      timers: countingTimers(),
    });
    expect(await nowhere.verify()).toEqual({ ok: true, head: { records: 0, hash: GENESIS_HASH } });
    const gone = readFilesAuditLog({
      folder: `${at.folder}/none`,
      anchor: at.anchor,
      timers: countingTimers(),
    });
    expect(await gone.verify()).toMatchObject({
      ok: false,
      record: 1,
      where: `${first}, byte 0`,
      problem: expect.stringContaining('missing'),
    });
  });

  it('never cuts a tail, and says that a crash may have left it', async () => {
    const anchored = at.anchor.head;
    at.write(new Map([[first, Buffer.concat([bytes(), Buffer.from('{"torn')])]]));
    const timers = countingTimers();
    expect(await reader(at.anchor, timers).verify()).toEqual({
      ok: false,
      record: 6,
      where: `${first}, byte ${anchored.bytes}`,
      problem: expect.stringMatching(
        /^6 bytes stand beyond.*crash leaves such a tail.*next start cuts it and writes it again/,
      ),
    });
    expect(timers.sleptMs).toBe(2_000);
    expect(bytes().length).toBe(anchored.bytes + 6);
  });

  it.each([undefined, 100])(
    'follows a head that a server moves meanwhile (segments of %s bytes)',
    async (segmentBytes) => {
      const old = await appended(3, 6, segmentBytes);
      const anchor = testAnchor(old);
      const timers = countingTimers((sleeps) => {
        if (sleeps === 3) anchor.head = at.anchor.head;
      });
      expect(await reader(anchor, timers).verify()).toMatchObject({ ok: true, head: { records: 8 } });
      expect(timers.sleptMs).toBe(150);
    },
  );

  it('checks what was written meanwhile as well', async () => {
    const old = await appended(3, 6);
    const edited = Buffer.from(bytes());
    edited[old.bytes + 5] = 0x20;
    at.write(new Map([[first, edited]]));
    const anchor = testAnchor(old);
    const timers = countingTimers(() => {
      anchor.head = at.anchor.head;
    });
    expect(await reader(anchor, timers).verify()).toMatchObject({ ok: false, record: 6 });
  });

  it('is content when the server that starts meanwhile cuts the tail', async () => {
    const whole = bytes();
    at.write(new Map([[first, Buffer.concat([whole, Buffer.from('{"torn')])]]));
    const timers = countingTimers(() => at.write(new Map([[first, whole]])));
    expect(await reader(at.anchor, timers).verify()).toMatchObject({ ok: true, head: { records: 5 } });
  });

  it('does not follow a busy server for ever', async () => {
    let records = 5;
    const anchor = testAnchor(at.anchor.head);
    const writer = await at.open();
    const ahead: AnchoredHead[] = [];
    for (let n = 0; n < 20; n += 1) {
      records += 1;
      await writer.append(entries(1, records), 'b');
      ahead.push(at.anchor.head);
    }
    const timers = countingTimers(() => {
      anchor.head = ahead.shift() ?? anchor.head;
    });
    expect(await reader(anchor, timers).verify()).toMatchObject({ ok: true, head: { records: 15 } });
  });

  it('reads every line up to the anchored head, and not beyond', async () => {
    at.write(new Map([[first, Buffer.concat([bytes(), Buffer.from('{"torn')])]]));
    const lines: string[] = [];
    for await (const line of reader().lines()) lines.push(line);
    expect(lines.map((line) => JSON.parse(line).payment_id)).toEqual(
      entries(5).map(({ payment_id }) => payment_id),
    );
  });

  it('throws in the middle of the lines where the files end before the anchored head', async () => {
    at.write(new Map([[first, bytes().subarray(0, -20)]]));
    const lines: string[] = [];
    await expect(async () => {
      for await (const line of reader().lines()) lines.push(line);
    }).rejects.toThrow('tollgate audit verify');
    expect(lines).toHaveLength(4);
  });

  it('reads a log of many chunks', async () => {
    const log = await at.open();
    for (let n = 0; n < 5; n += 1)
      await log.append(
        Array.from({ length: 400 }, (_, i) => ({ n, i, note: 'é'.repeat(i) })),
        'b',
      );
    expect(bytes().length).toBeGreaterThan(900_000);
    expect(await log.verify()).toEqual({ ok: true, head: await log.head() });
  });

  it('refuses a line without an end, without taking it all into memory', async () => {
    const endless = Buffer.alloc(17 * 1024 * 1024, 'x');
    at.write(new Map([[first, endless]]));
    at.anchor.head = { ...at.anchor.head, bytes: endless.length };
    expect(await reader().verify()).toMatchObject({
      ok: false,
      record: 1,
      problem: expect.stringContaining('longer than any'),
    });
  });

  it.each([
    ['the end of a record', -1, 'in the middle of this record'],
    ['a record and a half', -150, 'in the middle of this record'],
  ])('says that the log was cut off when it lacks %s', async (_, end, problem) => {
    at.write(new Map([[first, bytes().subarray(0, end)]]));
    expect(await reader().verify()).toMatchObject({ ok: false, problem: expect.stringContaining(problem) });
  });

  it('says how much is missing when the log lacks whole records', async () => {
    const whole = bytes();
    const kept = whole.subarray(0, whole.lastIndexOf('\n', -2) + 1);
    at.write(new Map([[first, kept]]));
    expect(await reader().verify()).toEqual({
      ok: false,
      record: 5,
      where: `${first}, byte ${kept.length}`,
      problem: `The log was truncated: it ends ${whole.length - kept.length} bytes before its anchored head (record 5).`,
    });
  });

  it('does not believe an anchor that counts other records than there are', async () => {
    at.anchor.head = { ...at.anchor.head, records: 6 };
    expect(await reader().verify()).toMatchObject({
      ok: false,
      problem: expect.stringContaining('record 6'),
    });
  });

  it('rejects where the folder cannot be read at all', async () => {
    const options = { folder: `${at.folder}/${first}`, anchor: testAnchor(), timers: countingTimers() };
    await expect(readFilesAuditLog(options).verify()).rejects.toThrow('ENOTDIR');
  });

  describe('after a forger who hashes correctly', () => {
    /** All records, the third with another value, and every hash from there on made anew. */
    function rewritten(): { bytes: Buffer; hash: string } {
      let hash = GENESIS_HASH;
      let text = '';
      for (const [index, entry] of entries(5).entries()) {
        const next = chainEntry(hash, index === 2 ? { ...entry, version: 2 } : entry);
        hash = next.hash;
        text += `${next.line}\n`;
      }
      return { bytes: Buffer.from(text), hash };
    }

    it('finds by the anchor that the tail was hashed anew', async () => {
      at.write(new Map([[first, rewritten().bytes]]));
      expect(bytes().length).toBe(at.anchor.head.bytes);
      expect(await reader().verify()).toMatchObject({
        ok: false,
        record: 5,
        problem: expect.stringContaining('does not end in its anchored head'),
      });
    });

    it('finds only by a head noted elsewhere that the anchor was changed as well', async () => {
      const noted = at.anchor.head.hash;
      const forged = rewritten();
      at.write(new Map([[first, forged.bytes]]));
      at.anchor.head = { ...at.anchor.head, hash: forged.hash };
      expect(await reader().verify()).toMatchObject({ ok: true });
      expect(await reader().verify(noted)).toMatchObject({
        ok: false,
        problem: expect.stringContaining(noted),
      });
    });

    it('finds only by a head noted elsewhere that log and anchor were truncated together', async () => {
      const noted = at.anchor.head.hash;
      const lines = bytes().toString().split('\n').slice(0, 3);
      const cut = Buffer.from(`${lines.join('\n')}\n`);
      at.write(new Map([[first, cut]]));
      at.anchor.head = {
        records: 3,
        hash: JSON.parse(lines[2] as string).hash,
        segment: 1,
        bytes: cut.length,
      };
      expect(await reader().verify()).toMatchObject({ ok: true });
      expect(await reader().verify(noted)).toMatchObject({ ok: false, record: 3 });
    });

    it('finds a tail that was hashed anew with other lengths', async () => {
      const kept = bytes().toString().split('\n').slice(0, 4);
      for (const note of ['', 'y'.repeat(500)]) {
        const last = chainEntry(JSON.parse(kept[3] as string).hash, { note });
        at.write(new Map([[first, Buffer.from(`${[...kept, last.line].join('\n')}\n`)]]));
        expect((await reader().verify()).ok, note).toBe(false);
      }
    });
  });
});
