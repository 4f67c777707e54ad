import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createPendingRefund, describeCallbacks } from './callbacks.contract.ts';
import {
  CALLBACK_SECRET,
  cleanUpAfterEach,
  createRig,
  type Delivered,
  firstRequest,
  PATIENT,
  START_MS,
  STORAGES,
} from './simulator.fixture.ts';
import { createSimulator } from './simulator.ts';

cleanUpAfterEach();

async function deliverOne(): Promise<Delivered> {
  const { advance, simulator, delivered } = await createPendingRefund();
  await advance(2_000);
  await simulator.deliverDue();
  return delivered[0] as Delivered;
}

function signed(body: string, timestamp = String(START_MS / 1_000)): Delivered {
  const key = Buffer.from(CALLBACK_SECRET.slice('whsec_'.length), 'base64');
  const signature = createHmac('sha256', key).update(`evt_1.${timestamp}.${body}`).digest('base64');
  const headers = {
    'webhook-id': 'evt_1',
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${signature}`,
  };
  return { url: '', headers, body };
}

function open({ headers, body }: Delivered, nowMs = START_MS + 2_000) {
  return createRig().simulator.openCallback({ headers, body: Buffer.from(body) }, nowMs);
}

describe.each(STORAGES)('over %s', (_name, makeOpener) => describeCallbacks(makeOpener));

it('posts a decision of the customer at once, and again later if it was not taken', async () => {
  let taken = false;
  const rig = createRig({ deliver: () => Promise.resolve(taken) });
  const charge = firstRequest({ payment_method: 'pm_card_authenticationRequired' });
  const answer = await rig.simulator.execute(charge, PATIENT);
  const { url } = (answer as { next_action: { url: string } }).next_action;
  const body = new URLSearchParams({ decision: 'refuse' });
  await rig.simulator.handlePage(new Request(url, { method: 'POST', body }));
  expect(rig.delivered).toHaveLength(1);
  expect(JSON.parse(String(rig.delivered[0]?.body))).toMatchObject({ type: 'operation.failed' });
  taken = true;
  await rig.advance(5_000);
  expect(await rig.simulator.deliverDue()).toBe(1);
  expect(rig.delivered[1]?.headers['webhook-id']).toBe(rig.delivered[0]?.headers['webhook-id']);
});

it('takes a delivery that throws for one that failed', async () => {
  const { advance, simulator, logged } = await createPendingRefund({
    deliver: () => Promise.reject(new Error('connection refused')),
  });
  await advance(2_000);
  expect(await simulator.deliverDue()).toBe(0);
  expect(logged).toEqual([expect.stringContaining('connection refused')]);
});

it('sends an event only once at a time, and gives up on an answer after ten seconds', async () => {
  const { advance, simulator, delivered, sleeping } = await createPendingRefund({
    deliver: () => new Promise(() => {}),
  });
  await advance(2_000);
  const first = simulator.deliverDue();
  expect(await simulator.deliverDue()).toBe(0);
  expect(delivered).toHaveLength(1);
  await advance(10_000);
  expect(await first).toBe(0);
  expect(sleeping()).toBe(0);
});

describe('opening a call-back', () => {
  it('answers who it is about', async () => {
    const callback = await deliverOne();
    expect(open(callback)).toEqual({
      event_id: callback.headers['webhook-id'],
      merchant_id: 'm_1',
      livemode: false,
      payment_id: expect.stringMatching(/^p\d+$/),
      operation_id: 're_1',
    });
  });

  it('finds the signature that Standard Webhooks says, over the id, the time and the exact bytes', async () => {
    const { headers, body } = await deliverOne();
    const key = Buffer.from(CALLBACK_SECRET.slice('whsec_'.length), 'base64');
    const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
    const expected = createHmac('sha256', key).update(signed).digest('base64');
    expect(headers['webhook-signature']).toBe(`v1,${expected}`);
    expect(headers['webhook-timestamp']).toBe(String((START_MS + 2_000) / 1_000));
    expect(headers['content-type']).toBe('application/json');
  });

  it('takes one good signature among several', async () => {
    const callback = await deliverOne();
    const good = callback.headers['webhook-signature'];
    const other = `v1,${Buffer.alloc(32).toString('base64')}`;
    for (const signatures of [`${other} ${good}`, `${good} ${other}`, `v1a,xyz v1, ${good}`]) {
      const headers = { ...callback.headers, 'webhook-signature': signatures };
      expect(open({ ...callback, headers })).not.toBeNull();
    }
    const many = { ...callback.headers, 'webhook-signature': `${`${other} `.repeat(8)}${good}` };
    expect(open({ ...callback, headers: many })).toBeNull();
  });

  it('accepts five minutes of difference either way, and no more', async () => {
    const callback = await deliverOne();
    const sentMs = START_MS + 2_000;
    for (const offMs of [-300_000, 300_000]) expect(open(callback, sentMs + offMs)).not.toBeNull();
    for (const offMs of [-301_000, 301_000, -300_001, 300_001])
      expect(open(callback, sentMs + offMs)).toBeNull();
  });

  it('refuses it with any one bit turned, in the body or in the signature', async () => {
    const callback = await deliverOne();
    const { simulator } = createRig();
    const body = Buffer.from(callback.body);
    const signature = Buffer.from(String(callback.headers['webhook-signature']).slice(3), 'base64');
    for (let bit = 0; bit < 8 * body.length; bit += 1) {
      const turned = Buffer.from(body);
      turned[bit >> 3] = (turned[bit >> 3] as number) ^ (1 << (bit & 7));
      expect(simulator.openCallback({ headers: callback.headers, body: turned }, START_MS)).toBeNull();
    }
    for (let bit = 0; bit < 8 * signature.length; bit += 1) {
      const turned = Buffer.from(signature);
      turned[bit >> 3] = (turned[bit >> 3] as number) ^ (1 << (bit & 7));
      const headers = { ...callback.headers, 'webhook-signature': `v1,${turned.toString('base64')}` };
      expect(simulator.openCallback({ headers, body }, START_MS)).toBeNull();
    }
  });

  it.each([
    ['webhook-id', undefined],
    ['webhook-id', 'evt_other'],
    ['webhook-timestamp', undefined],
    ['webhook-timestamp', 'now'],
    ['webhook-timestamp', `${START_MS / 1_000 + 2}.0`],
    ['webhook-signature', undefined],
    ['webhook-signature', ''],
    ['webhook-signature', 'v1,'],
    ['webhook-signature', 'v1,é'],
  ])('refuses it with %s: %s', async (name, value) => {
    const callback = await deliverOne();
    const headers = { ...callback.headers, [name]: value };
    const body = Buffer.from(callback.body);
    expect(createRig().simulator.openCallback({ headers, body }, START_MS + 2_000)).toBeNull();
  });

  it.each([
    ...['', 'nonsense', 'null', '[]', '{}', '{"data":null}', '{"data":"text"}'],
    '{"data":{"merchant_id":"m_1","livemode":"false","payment_id":"p1","operation_id":"charge.1"}}',
    '{"data":{"merchant_id":1,"livemode":false,"payment_id":"p1","operation_id":"charge.1"}}',
    '{"data":{"merchant_id":"m_1","livemode":false,"payment_id":"p1"}}',
  ])('takes %j for no event, though it is signed', (body) => {
    expect(open(signed(body), START_MS)).toBeNull();
  });

  it.each(['soon', 'NaN', `${START_MS / 1_000}.0`, '0x6774850', '', ' '])(
    'takes %j for no time, though it is signed',
    (timestamp) => {
      const body =
        '{"data":{"merchant_id":"m_1","livemode":false,"payment_id":"p1","operation_id":"charge.1"}}';
      expect(open(signed(body), START_MS)).not.toBeNull();
      expect(open(signed(body, timestamp), START_MS)).toBeNull();
    },
  );
});

it.each(['', 'secret', 'whsec_', 'whsec_c2hvcnQ=', `whsec_${'!'.repeat(40)}`])(
  'does not start with the secret %j',
  (callbackSecret) => {
    const deps = {} as Parameters<typeof createSimulator>[0];
    expect(() => createSimulator({ ...deps, callbackSecret })).toThrow(/whsec_.*at least 24 bytes/);
  },
);
