import { PutObjectCommand } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { createDynamoAuditHeads } from '../../src/adapters/dynamodb/dynamo-audit-heads.ts';
import { createFakeClock } from '../../src/adapters/memory/fake-clock.ts';
import { entries } from '../../src/adapters/s3/memory-objects.fixture.ts';
import { createS3AuditLog } from '../../src/adapters/s3/s3-audit-log.ts';
import { createS3FailedEvents } from '../../src/adapters/s3/s3-failed-events.ts';
import { recordedLog } from '../../src/lambda/recorded.fixture.ts';
import { describeAuditLog } from '../../src/ports/audit-log.contract.ts';
import { createDynamoModel, TABLES } from './dynamo-model.ts';
import { createS3Model, type S3ModelOptions } from './s3-model.ts';
import { noAnswer, type Wire } from './service-call.ts';

const BUCKET = 'audit';

function open(options: Partial<S3ModelOptions> = {}) {
  const clock = createFakeClock();
  const model = createS3Model({ clock, ...options });
  const heads = createDynamoAuditHeads({
    client: createDynamoModel({ clock }).client(),
    tableName: TABLES.control,
  });
  const logOver = (wire?: Wire) =>
    createS3AuditLog({
      client: model.client(wire),
      bucket: BUCKET,
      heads,
      timers: { sleep: async () => undefined },
      ids: { random: () => 0.5 },
      logger: recordedLog(),
    });
  return { clock, model, logOver };
}

describeAuditLog('in S3 on the model', async () => ({ log: open().logOver(), close: async () => undefined }));

describe('the model of a bucket', () => {
  it('never puts over what is there if asked not to', async () => {
    const { model, logOver } = open();
    await logOver().append(entries(1), '');
    const [Key] = [...model.objects(BUCKET).keys()];
    const again = new PutObjectCommand({ Bucket: BUCKET, Key, Body: new Uint8Array(1), IfNoneMatch: '*' });
    await expect(model.client().send(again)).rejects.toMatchObject({ $metadata: { httpStatusCode: 412 } });
  });

  it('keeps one chain of two writers at once, of which one is contended and loses answers', async () => {
    const contended = [true, false, true];
    const { logOver } = open({ contends: () => contended.shift() ?? false, pageSize: () => 1 });
    let puts = 0;
    const losing = logOver(async (call) => {
      const answer = call.effect();
      if (call.operation === 'PutObject') puts += 1;
      if (call.operation === 'PutObject' && puts % 2 === 1) throw noAnswer();
      return answer;
    });
    const other = logOver();
    for (let n = 1; n <= 5; n += 1)
      await Promise.all([losing.append(entries(2, n * 10), ''), other.append(entries(2, n * 10 + 5), '')]);
    const verdict = await other.verify();
    expect(verdict).toMatchObject({ ok: true, head: { records: 20 } });
  });

  it('holds what the poller puts aside, the oldest first', async () => {
    const { clock, model } = open();
    const failed = createS3FailedEvents({ client: model.client(), bucket: 'failed' });
    const aside = (name: string) => {
      const functionArn = 'arn:aws:lambda:us-east-1:123456789012:function:payment-relay-dev:live';
      const record = { requestContext: { functionArn }, payload: '{"Records":[]}' };
      model.put('failed', `aws/lambda/${name}`, Buffer.from(JSON.stringify(record)));
      clock.advance(1_000);
    };
    aside('b');
    aside('a');
    expect(await failed.list(10)).toEqual(['aws/lambda/b', 'aws/lambda/a']);
    expect(await failed.read('aws/lambda/a')).toEqual({
      reader: 'payment-relay-dev',
      event: { Records: [] },
    });
    await failed.remove('aws/lambda/b');
    expect(await failed.count()).toBe(1);
  });
});
