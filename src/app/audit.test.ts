import { describe, expect, it } from 'vitest';
import { createMemoryAuditLog } from '../adapters/memory/memory-audit-log.ts';
import { createWorld, type World } from './app.fixture.ts';
import { AUDIT, createAudit } from './audit.ts';

/** Each record as `payment@version kind`. */
function records(world: World): string[] {
  return world.auditState.lines.map((line) => {
    const { payment_id, version, kind } = JSON.parse(line);
    return `${payment_id}@${version} ${kind}`;
  });
}

describe('the audit', () => {
  it('writes each change once, in the order of the feed, into one chain (invariant 9)', async () => {
    const world = createWorld();
    await world.paid();
    await world.refund(100, 'r1');
    await world.paid({ payment_id: 'p2', payment_method: 'pm_card_visa_chargeDeclined' });
    expect(records(world)).toEqual([
      'p1@1 charge',
      'p1@2 charge',
      'p1@3 refund',
      'p2@1 charge',
      'p1@4 refund',
      'p2@2 charge',
    ]);
    expect(await createMemoryAuditLog(world.auditState).verify()).toMatchObject({ ok: true });
    expect(await world.audit.step()).toBe(0);
  });

  it('writes a bounded batch in one step', async () => {
    const world = createWorld();
    for (let n = 0; n < 600; n++) await world.pay({ payment_id: `p${n}` });
    expect([await world.audit.step(), await world.audit.step(), await world.audit.step()]).toEqual([
      512, 88, 0,
    ]);
    expect(records(world)).toHaveLength(600);
  });

  it('does not move on when the log takes nothing, and loses nothing by it', async () => {
    let full = true;
    const world = createWorld({
      auditLog: (real) => ({
        ...real,
        async append(entries, position) {
          if (full) throw new Error('The disk is full.');
          return real.append(entries, position);
        },
      }),
    });
    await world.pay();
    await expect(world.audit.step()).rejects.toThrow('The disk is full.');
    expect(world.store.lag(AUDIT)).toBe(1);
    full = false;
    await world.drain();
    expect(records(world)).toEqual(['p1@1 charge', 'p1@2 charge']);
  });

  it('repeats after a crash between append and commit what a reader can tell by payment and version', async () => {
    const world = createWorld();
    await world.paid();
    await world.refund(100, 'r1');
    const feed = {
      ...world.store,
      commit: async () => {
        throw new Error('killed');
      },
    };
    const dying = createAudit({ feed, log: createMemoryAuditLog(world.auditState) });
    await expect(dying.step()).rejects.toThrow('killed');
    await world.drain();
    const written = records(world);
    expect(written).toEqual(['p1@1 charge', 'p1@2 charge', 'p1@3 refund', 'p1@3 refund', 'p1@4 refund']);
    const { history } = await world.get();
    expect([...new Set(written)]).toEqual(history.map(({ version, kind }) => `p1@${version} ${kind}`));
    const bodies = world.auditState.lines
      .slice(2, 4)
      .map((line) => line.slice(0, line.lastIndexOf(',"hash"')));
    expect(bodies[0]).toBe(bodies[1]);
    expect(await createMemoryAuditLog(world.auditState).verify()).toMatchObject({ ok: true });
  });

  it('moves past a page that is empty, as a stream may give one', async () => {
    const pages = [{ changes: [], position: '7' }];
    const committed: string[] = [];
    const feed = {
      read: async () => pages.shift() ?? { changes: [], position: '7' },
      commit: async (_consumer: string, position: string) => void committed.push(position),
      lag: () => (committed.length === 0 ? 7 : 0),
    };
    const audit = createAudit({ feed, log: createMemoryAuditLog() });
    expect([await audit.step(), await audit.step()]).toEqual([0, 0]);
    expect(committed).toEqual(['7']);
  });
});
