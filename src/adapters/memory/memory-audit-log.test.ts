import { describe, expect, it } from 'vitest';
import { describeAuditLog } from '../../ports/audit-log.contract.ts';
import { createMemoryAuditLog, emptyAuditState } from './memory-audit-log.ts';

describeAuditLog('memory', async () => ({ log: createMemoryAuditLog(), close: async () => undefined }));

describe('memory audit log', () => {
  async function filled() {
    const state = emptyAuditState();
    const log = createMemoryAuditLog(state);
    await log.append([{ n: 1 }, { n: 2 }, { n: 3 }], 'a');
    return { state, log };
  }

  it('goes on where the state that it is given ends', async () => {
    const { state } = await filled();
    const log = createMemoryAuditLog(state);
    const head = await log.append([{ n: 4 }], 'b');
    expect(await log.verify()).toEqual({ ok: true, head });
    expect(head.records).toBe(4);
  });

  it('finds an edited record', async () => {
    const { state, log } = await filled();
    state.lines[1] = (state.lines[1] as string).replace('2', '5');
    expect(await log.verify()).toMatchObject({ ok: false, record: 2, where: 'line 2 in memory' });
  });

  it('finds records that were dropped from the end, or added to it', async () => {
    const { state, log } = await filled();
    const last = state.lines.pop() as string;
    expect(await log.verify()).toMatchObject({
      ok: false,
      record: 3,
      problem: expect.stringContaining('truncated'),
    });
    const other = createMemoryAuditLog({
      lines: state.lines,
      head: { records: 2, hash: JSON.parse(state.lines[1] as string).hash },
    });
    await other.append([{ n: 3 }], 'a');
    expect(state.lines[2]).toBe(last);
    await other.append([{ n: 4 }], 'b');
    expect(await log.verify()).toMatchObject({
      ok: false,
      record: 4,
      problem: expect.stringContaining('added'),
    });
  });

  it('finds that a chain was hashed anew', async () => {
    const { state, log } = await filled();
    const forged = emptyAuditState();
    await createMemoryAuditLog(forged).append([{ n: 1 }, { n: 9 }, { n: 3 }], 'a');
    state.lines.splice(0, 3, ...forged.lines);
    expect(await log.verify()).toMatchObject({ ok: false, problem: expect.stringContaining('rewritten') });
  });
});
