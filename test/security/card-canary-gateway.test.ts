import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { memoryHeads } from '../../src/adapters/s3/memory-heads.fixture.ts';
import { memoryObjects } from '../../src/adapters/s3/memory-objects.fixture.ts';
import { createObjectAuditLog } from '../../src/adapters/s3/s3-audit-log.ts';
import { createAudit } from '../../src/app/audit.ts';
import type { PaymentRef } from '../../src/domain/payment.ts';
import { startGateway } from '../../src/lambda/gateway.fixture.ts';
import { createSearch, MARKER, SECURITY_CODES, spellings } from './canaries.ts';

/** The same edge behind API Gateway, and what is written there: objects of the audit log, which are packed. */
it('behind API Gateway nothing of a card is in an answer, the store, the queue, the log or the audit’s objects', async () => {
  const { world, call, key } = await startGateway();
  const answers: string[] = [];
  const sent: PaymentRef[] = [];
  const { send } = world.queue;
  world.queue.send = (items) => {
    sent.push(...items);
    return send(items);
  };
  const refused = ['card_number_detected', 'invalid_request'];
  const bodies = [
    ...spellings().flatMap((card) => [
      { amount: 1, description: `${MARKER} ${card}` },
      { amount: 1, metadata: { [card]: MARKER } },
    ]),
    ...SECURITY_CODES.map((fields) => ({ amount: 1, ...fields })),
    { amount: 1, description: `${MARKER} ${key}` },
  ];
  for (const json of bodies) {
    const answer = await call('POST', '/payments', { json });
    answers.push(JSON.stringify(answer.headers), answer.text);
    expect(refused).toContain(answer.json.code);
  }
  for (const card of spellings()) {
    for (const path of [`/payments/${encodeURIComponent(card)}`, `/nowhere/${encodeURIComponent(card)}`]) {
      const answer = await call('GET', path);
      answers.push(JSON.stringify(answer.headers), answer.text);
    }
  }
  await call('POST', '/payments', { json: { payment_id: 'good', amount: 1, description: 'kept' } });

  const objects = memoryObjects();
  const deps = { timers: { sleep: async () => undefined }, ids: { random: () => 0 } };
  const log = createObjectAuditLog({ objects, heads: memoryHeads(), logger: world.logger, ...deps });
  const audit = createAudit({ feed: world.store, log });
  while ((await audit.step()) > 0);
  await world.drain();

  const packed = [...objects.kept.values()].map((bytes) => gunzipSync(bytes).toString('utf8')).join('');
  const stored = JSON.stringify(await world.get('good'));
  for (const text of [packed, stored]) expect(text).toContain('good');
  expect(sent.map(({ payment_id }) => payment_id)).toEqual(['good']);
  const find = createSearch([key.slice(-40)]);
  for (const text of [
    packed,
    stored,
    answers.join('\n'),
    JSON.stringify([sent, world.log, world.auditState]),
  ]) {
    expect(find(Buffer.from(text))).toEqual([]);
  }
});
