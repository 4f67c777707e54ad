import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UnavailableError } from '../../ports/faults.ts';
import { type AuditFolder, auditFolder, entries } from './audit-folder.fixture.ts';
import { type FaultyFiles, faultyFiles } from './faulty-files.fixture.ts';
import type { FilesAuditLog } from './files-audit-log.ts';

describe('audit log in files whose file system fails', () => {
  let at: AuditFolder;
  let files: FaultyFiles;
  let log: FilesAuditLog;

  beforeEach(async () => {
    at = auditFolder();
    files = faultyFiles();
    log = await at.open({ files, segmentBytes: 1_000 });
    await log.append(entries(2), 'a');
    files.calls.length = 0;
  });

  afterEach(() => at.remove());

  /** The bytes that a log has which was given the same entries and met no fault. */
  async function undisturbed(...counts: number[]): Promise<Map<string, Buffer>> {
    const other = auditFolder();
    const calm = await other.open({ segmentBytes: 1_000 });
    let first = 1;
    for (const count of counts) {
      await calm.append(entries(count, first), 'x');
      first += count;
    }
    const bytes = other.read();
    await other.remove();
    return bytes;
  }

  it('writes once and syncs once for an append, however many entries it has', async () => {
    await log.append(entries(4, 3), 'b');
    expect(files.calls).toEqual(['append', 'sync']);
  });

  it('syncs a new segment and its folder before it moves the anchor', async () => {
    const anchored = at.anchor.head;
    const save = at.anchor.save;
    at.anchor.save = async (head, position) => {
      expect(files.calls).toEqual(['openToAppend', 'append', 'sync', 'syncFolder']);
      await save.call(at.anchor, head, position);
    };
    await log.append(entries(7, 3), 'b');
    expect(at.anchor.head.segment).toBe(anchored.segment + 1);
  });

  it.each([
    ['a write that takes nothing', () => files.fail('append')],
    ['a write that takes a part', () => files.fail('append', 1, 100)],
    ['a write that takes all and fails', () => files.fail('append', 1, 10_000)],
    ['a sync', () => files.fail('sync')],
  ])('acknowledges nothing after %s failed, and cuts before it writes again', async (_, fail) => {
    const anchored = at.anchor.head;
    const { head } = log;
    fail();
    await expect(log.append(entries(2, 3), 'b')).rejects.toThrow(UnavailableError);
    expect(at.anchor).toMatchObject({ head: anchored, position: 'a' });
    expect(await head()).toEqual({ records: anchored.records, hash: anchored.hash });
    expect((await log.append(entries(2, 3), 'b')).records).toBe(4);
    expect(at.read()).toEqual(await undisturbed(2, 2));
    expect(await log.verify()).toMatchObject({ ok: true, head: { records: 4 } });
  });

  it.each(['openToAppend', 'append', 'sync', 'syncFolder'] as const)(
    'recovers from a failed %s of a new segment',
    async (call) => {
      files.fail(call, 1, 50);
      await expect(log.append(entries(7, 3), 'b')).rejects.toThrow(`injected fault in ${call}`);
      expect((await log.append(entries(7, 3), 'b')).records).toBe(9);
      expect(at.read()).toEqual(await undisturbed(2, 7));
    },
  );

  it('refuses appends for as long as it cannot cut, and takes them afterwards', async () => {
    const anchored = at.anchor.head;
    files.fail('append', 1, 100);
    files.fail('truncate', 2);
    await expect(log.append(entries(2, 3), 'b')).rejects.toThrow('injected fault in append');
    for (let refused = 0; refused < 2; refused += 1) {
      await expect(log.append(entries(2, 3), 'b')).rejects.toThrow('injected fault in truncate');
      expect(at.anchor.head).toEqual(anchored);
    }
    await log.append(entries(2, 3), 'b');
    expect(at.read()).toEqual(await undisturbed(2, 2));
  });

  it('removes what a failed append began, again if need be', async () => {
    files.fail('append', 1, 50);
    files.fail('remove');
    await expect(log.append(entries(7, 3), 'b')).rejects.toThrow('injected fault in append');
    await expect(log.append(entries(7, 3), 'b')).rejects.toThrow('injected fault in remove');
    await log.append(entries(7, 3), 'b');
    expect(at.read()).toEqual(await undisturbed(2, 7));
  });

  it('writes again what the anchor did not take', async () => {
    at.anchor.fault = 'before';
    await expect(log.append(entries(2, 3), 'b')).rejects.toThrow(UnavailableError);
    expect((await log.append(entries(2, 3), 'b')).records).toBe(4);
    expect(at.read()).toEqual(await undisturbed(2, 2));
  });

  it('keeps what the anchor took although its save failed', async () => {
    at.anchor.fault = 'after';
    await expect(log.append(entries(2, 3), 'b')).rejects.toThrow(UnavailableError);
    expect(at.anchor.position).toBe('b');
    expect((await log.append(entries(1, 5), 'c')).records).toBe(5);
    expect(at.read()).toEqual(await undisturbed(2, 2, 1));
  });

  it('does not let a failed append spoil the ones that wait behind it', async () => {
    files.fail('sync');
    const failed = log.append(entries(2, 3), 'b');
    const next = log.append(entries(2, 3), 'b');
    await expect(failed).rejects.toThrow(UnavailableError);
    expect((await next).records).toBe(4);
  });

  it('does not write into a segment that somebody else began', async () => {
    at.write(at.read().set('audit-000002.ndjson', Buffer.from('theirs')));
    await expect(log.append(entries(7, 3), 'b')).rejects.toThrow('has 6 bytes instead of 0');
    await log.append(entries(7, 3), 'b');
    expect(at.read()).toEqual(await undisturbed(2, 7));
  });

  it('leaves a torn tail to the next start when it is closed after a fault', async () => {
    files.fail('append', 1, 100);
    await expect(log.append(entries(2, 3), 'b')).rejects.toThrow(UnavailableError);
    await log.close();
    await at.open();
    expect(at.logger.warnings).toMatchObject([{ cut_bytes: 100, records: 2 }]);
  });
});
