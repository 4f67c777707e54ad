import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Cloud, startCloud } from '../../test/aws/cloud.fixture.ts';
import { javaMissing } from '../../test/emulators/dynamodb-local.ts';
import { createDynamoPaymentStore } from '../adapters/dynamodb/dynamo-payment-store.ts';
import { createLineLogger } from '../adapters/lines/line-logger.ts';
import { createSystemClock } from '../adapters/system/system-clock.ts';
import { createSystemTimers } from '../adapters/system/system-timers.ts';
import { auditEntry } from '../domain/audit-entry.ts';
import type { Payment } from '../domain/payment.ts';
import { LIVES, save } from '../ports/payment-store.fixture.ts';
import { awsAuditLog } from '../wiring-aws/audit-log.ts';
import { awsBase } from '../wiring-aws/parts.ts';
import { runIn } from './cli.fixture.ts';

const LONG_AGO_MS = Date.parse('2024-03-02T09:30:00.000Z');

/** Lived long ago, as far as the stream is concerned. */
const life = (payment_id: string) => LIVES.completed({ payment_id, nowMs: LONG_AGO_MS });

describe.skipIf(javaMissing)('audit fill, on emulators', () => {
  let cloud: Cloud;
  beforeAll(async () => {
    cloud = await startCloud();
  }, 90_000);
  afterAll(() => cloud.stop());

  const run = (argv: string) => runIn(process.env, argv.split(' '));
  const findings = [
    { merchant_id: 'm_1', livemode: false, payment_id: 'p2', problem: 'missing', versions: [2] },
    { merchant_id: 'm_1', livemode: false, payment_id: 'p3', problem: 'lost', versions: [1] },
  ];

  it('finds what the log lacks, writes it when told to, and then finds nothing', async () => {
    const { config, dynamo } = cloud;
    const timers = createSystemTimers();
    const store = createDynamoPaymentStore({ client: dynamo.client(), tableName: config.TABLE_NAME, timers });
    const log = awsAuditLog(awsBase(config, createLineLogger('silent', createSystemClock())));
    const [whole, holed, gone] = ['p1', 'p2', 'p3'].map(life) as [Payment[], Payment[], Payment[]];
    await Promise.all([whole, holed].map((lived) => save(store, lived)));
    await log.append([...whole, ...holed.slice(0, 1), ...gone.slice(1)].map(auditEntry), '');

    const dry = await run('audit fill --dry-run --json');
    const counts = { records: 4, payments: 2, missing: 1, lost: 1, ahead: 0, waiting: 0, gone: 1 };
    expect([dry.exit, dry.json()]).toEqual([1, { complete: false, ...counts, written: 0, findings }]);
    const checked = await run('audit verify --complete --json');
    expect(checked.exit).toBe(1);
    expect(checked.json()).toMatchObject({
      ok: false,
      records: 4,
      completeness: { complete: false, missing: 1 },
    });

    const filled = await run('audit fill');
    expect([filled.exit, filled.err]).toEqual([1, '']);
    expect(filled.out).toMatch(/^The audit log is NOT complete: 4 records, 2 payments\.\n/);
    expect(filled.out).toContain('2 records were written.');
    expect(filled.out).toMatch(/m_1\s+test\s+p2\s+2\s+not in the log\n/);

    const again = await run('audit fill --json');
    expect([again.exit, again.json()]).toMatchObject([
      0,
      { complete: true, missing: 0, lost: 0, written: 0 },
    ]);
    const verified = await run('audit verify --complete');
    expect([verified.exit, verified.out]).toMatchObject([
      0,
      expect.stringMatching(
        /^The audit log is whole: 6 records\.\nhead .*\n\nThe audit log has every change/,
      ),
    ]);
    const { out } = await run('audit export --payment p3');
    expect(
      out
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line).kind),
    ).toEqual(['charge', 'gap']);
  });
});
