import { describe, expect, it } from 'vitest';
import type { PspAnswer } from '../../domain/answer.ts';
import type { PspRequest } from '../../ports/connector.ts';
import { UnavailableError } from '../../ports/faults.ts';
import { createFakeDynamo, dynamoOpener, type FakeDynamo, type FakeRequest } from './dynamo.fixture.ts';
import {
  cleanUpAfterEach,
  createRig,
  firstRequest,
  followUp,
  PATIENT,
  type RigOptions,
  reportOf,
  START_MS,
} from './simulator.fixture.ts';

cleanUpAfterEach();

const CHALLENGE = { payment_method: 'pm_card_authenticationRequired' };
const PENDS = { payment_method: 'pm_card_pendingRefund' };

function create(options: RigOptions = {}) {
  const dynamo = createFakeDynamo();
  const rig = createRig({ ...options, openStorage: dynamoOpener(dynamo.client(), () => 'table') });
  const ask = (request: PspRequest) => rig.simulator.execute(request, PATIENT);
  return { ...rig, dynamo, ask };
}

function named(dynamo: FakeDynamo, since = 0): string[] {
  return dynamo.requests.slice(since).map(({ name, pk }) => `${name} ${pk.replace(/#.*/, '#')}`);
}

const urlOf = (answer: PspAnswer) => (answer as { next_action: { url: string } }).next_action.url;
const isGroup = ({ pk }: FakeRequest) => pk.startsWith('psp#');
const marks = ({ items }: FakeDynamo) =>
  [...items]
    .filter(([pk]) => pk.startsWith('due#'))
    .flatMap(([, { pk: _pk, ...item }]) => Object.entries(item));

function post(url: string, decision: string): Request {
  return new Request(url, { method: 'POST', body: new URLSearchParams({ decision }) });
}

describe('what it asks of the table', () => {
  it('is one read and one write for an operation, and one read for a look-up', async () => {
    const { dynamo, ask, simulator } = create();
    const request = firstRequest();
    await ask(request);
    expect(named(dynamo)).toEqual(['GetItem psp#', 'PutItem psp#']);
    await simulator.lookup(request, PATIENT);
    expect(named(dynamo, 2)).toEqual(['GetItem psp#']);
  });

  it('reads what was written before, always', async () => {
    const { dynamo, ask, simulator } = create();
    await ask(firstRequest(CHALLENGE));
    await simulator.deliverDue();
    await reportOf(simulator);
    const reads = dynamo.requests.filter(({ name }) => name === 'GetItem' || name === 'Scan');
    expect(reads.map((read) => (read as { ConsistentRead?: boolean }).ConsistentRead)).toEqual(
      reads.map(() => true),
    );
  });

  it('is never a scan to find the call-backs that are due', async () => {
    const { dynamo, ask, simulator, advance } = create();
    const charge = firstRequest(PENDS);
    await ask(charge);
    await ask(followUp(charge, 'refund'));
    await advance(2_000);
    expect(await simulator.deliverDue()).toBe(1);
    expect(named(dynamo)).not.toContain('Scan ');
  });

  it('is nothing for a page that no token can be of', async () => {
    const { dynamo, simulator } = create();
    for (const token of ['', 'chl_short', `chl_${'x'.repeat(3_000)}`, `chl_${'-'.repeat(52)}`]) {
      const { status } = await simulator.handlePage(
        new Request(`http://tollgate.test/simulator/challenges/${token}`),
      );
      expect(status).toBe(404);
    }
    expect(dynamo.requests).toEqual([]);
  });
});

describe('the order of writes', () => {
  it('has the page of a challenge before the answer that names it', async () => {
    const { dynamo, ask } = create();
    await ask(firstRequest(CHALLENGE));
    expect(named(dynamo)).toEqual(['GetItem psp#', 'PutItem challenge#', 'PutItem psp#']);
  });

  it('has the mark of a call-back before the operation that it tells of', async () => {
    const { dynamo, ask } = create();
    const charge = firstRequest(PENDS);
    await ask(charge);
    await ask(followUp(charge, 'refund'));
    expect(named(dynamo, 2)).toEqual(['GetItem psp#', 'UpdateItem due#', 'PutItem psp#']);
    expect(marks(dynamo)).toEqual([[`g#${charge.idempotency_key}`, { N: `${START_MS + 2_000}` }]]);
  });

  it('shows no page of a token whose operation was never written', async () => {
    const { dynamo, ask, simulator } = create();
    const request = firstRequest(CHALLENGE);
    let token = '';
    dynamo.meddleWith((sent, pass) => {
      if (sent.name === 'PutItem' && sent.pk.startsWith('challenge#'))
        token = sent.pk.split('#')[1] as string;
      if (sent.name === 'PutItem' && isGroup(sent))
        return { statusCode: 400, body: { __type: 'x#AccessDenied' } };
      return pass();
    });
    await expect(ask(request)).rejects.toMatchObject({ outcome: 'not_executed' });
    dynamo.meddleWith((_sent, pass) => pass());
    await ask(request);
    const { status } = await simulator.handlePage(
      new Request(`http://tollgate.test/simulator/challenges/${token}`),
    );
    expect(status).toBe(404);
  });
});

describe('marks of call-backs', () => {
  it('stay for ten minutes after there is nothing to send, since they come before what they mark', async () => {
    const { dynamo, ask, simulator, advance } = create();
    const charge = firstRequest(PENDS);
    await ask(charge);
    await ask(followUp(charge, 'refund'));
    await advance(2_000);
    expect(await simulator.deliverDue()).toBe(1);
    await advance(599_999);
    expect(await simulator.deliverDue()).toBe(0);
    expect(marks(dynamo)).toHaveLength(1);
    await advance(1);
    await simulator.deliverDue();
    expect(marks(dynamo)).toEqual([]);
  });

  it('are moved to when something is due, if they come too early', async () => {
    const { dynamo, ask, simulator, advance } = create({ deliver: () => Promise.resolve(false) });
    const charge = firstRequest(PENDS);
    await ask(charge);
    await ask(followUp(charge, 'refund'));
    const [name] = marks(dynamo)[0] as [string, unknown];
    for (const [pk, item] of dynamo.items)
      if (name in item) dynamo.items.set(pk, { ...item, [name]: { N: `${START_MS - 1}` } });
    await simulator.deliverDue();
    expect(marks(dynamo)).toEqual([[name, { N: `${START_MS + 2_000}` }]]);
    await advance(2_000);
    await simulator.deliverDue();
    expect(marks(dynamo)).toEqual([[name, { N: `${START_MS + 7_000}` }]]);
  });

  it('lead to what is due the longest, whichever payments it is of', async () => {
    const { ask, simulator, advance, delivered } = create();
    const [one, other] = [firstRequest(PENDS), firstRequest(PENDS)];
    for (const charge of [one, other]) await ask(charge);
    for (const [n, charge] of [one, other, one].entries()) {
      await ask(followUp(charge, 'refund', { amount: 1, operation_id: `re_${n}` }));
      await advance(1);
    }
    await advance(2_000);
    expect(await simulator.deliverDue()).toBe(3);
    const told = delivered.map(({ body }) => JSON.parse(body).data.operation_id);
    expect(told).toEqual(['re_0', 're_1', 're_2']);
  });

  it('are not taken away from under somebody who has just put a new one', async () => {
    const { dynamo, ask, simulator, advance } = create();
    const charge = firstRequest(PENDS);
    await ask(charge);
    await ask(followUp(charge, 'refund', { amount: 1, operation_id: 're_1' }));
    await advance(700_000);
    expect(await simulator.deliverDue()).toBe(1);
    let meddled = false;
    dynamo.meddleWith(async (sent, pass) => {
      // Between the look at the group, which has nothing to send, and the removal of its mark.
      if (sent.UpdateExpression !== 'REMOVE #mark' || meddled) return pass();
      meddled = true;
      await ask(followUp(charge, 'refund', { amount: 1, operation_id: 're_2' }));
      return pass();
    });
    await simulator.deliverDue();
    expect(meddled).toBe(true);
    await advance(2_000);
    expect(await simulator.deliverDue()).toBe(1);
  });
});

describe('the report', () => {
  it('tells every payment of every page, each in the order of its execution', async () => {
    const { ask, simulator } = create();
    const charges = Array.from({ length: 7 }, (_, n) => firstRequest(n % 2 === 0 ? CHALLENGE : {}));
    for (const charge of charges) await ask(charge);
    for (const charge of charges) await ask(followUp(charge, 'refund', { amount: 1 }));
    const report = await reportOf(simulator);
    expect(report).toHaveLength(14);
    for (const { payment_id } of charges) {
      const kinds = report.filter((line) => line.payment_id === payment_id).map(({ kind }) => kind);
      expect(kinds).toEqual(['charge', 'refund']);
    }
  });
});

describe('an item', () => {
  it('holds the most operations of a payment, with the longest texts, far below 400 KB', async () => {
    const { dynamo, ask } = create();
    const longest = {
      return_url: `https://shop.example/${'ß–'.repeat(990)}`,
      merchant_id: 'm'.repeat(64),
      payment_id: 'p'.repeat(64),
      payment_method: 'pm_card_pendingRefund',
      amount: 999_999_999_999,
    };
    const charge = firstRequest(longest);
    await ask(charge);
    for (let n = 1; n < 100; n += 1) {
      const operation_id = `re_${String(n).padStart(60, '0')}`;
      await ask(
        followUp(charge, 'refund', { amount: 1, operation_id, original_reference: 'sim_ch_12345678901234' }),
      );
    }
    const item = dynamo.items.get(`psp#${charge.idempotency_key}`);
    const { operations } = JSON.parse(String(item?.memory?.S));
    expect(operations).toHaveLength(100);
    expect(Buffer.byteLength(JSON.stringify(item))).toBeLessThan(100_000);
  });

  it('holds no payment method that is not a token of the simulator', async () => {
    const { dynamo, ask } = create();
    await ask(firstRequest({ payment_method: 'pm_4242-4242-4242-4242' }));
    const written = JSON.stringify([...dynamo.items.values()]);
    expect(written).toContain('sha256:');
    expect(written).not.toContain('4242');
  });
});

describe('the customer’s decision', () => {
  it('stands, though the outbox could not be told that its call-back was taken', async () => {
    const { dynamo, ask, simulator, logged, delivered, advance } = create();
    const request = firstRequest(CHALLENGE);
    const url = urlOf(await ask(request));
    let writes = 0;
    dynamo.meddleWith((sent, pass) => {
      if (sent.name === 'PutItem') writes += 1;
      if (writes > 1) throw Object.assign(new Error('lost'), { name: 'TimeoutError' });
      return pass();
    });
    expect((await simulator.handlePage(post(url, 'accept'))).status).toBe(200);
    expect(logged).toEqual([expect.stringContaining('may be sent again')]);
    dynamo.meddleWith((_sent, pass) => pass());
    expect(await simulator.lookup(request, PATIENT)).toMatchObject({ outcome: 'succeeded' });
    await advance(5_000);
    expect([await simulator.deliverDue(), delivered.length]).toEqual([1, 2]);
    expect(delivered[1]?.headers['webhook-id']).toBe(delivered[0]?.headers['webhook-id']);
  });

  it('is refused as unavailable, and can be made later, while the table is out of reach', async () => {
    const { dynamo, ask, simulator } = create();
    const url = urlOf(await ask(firstRequest(CHALLENGE)));
    dynamo.meddleWith(() => {
      throw new Error('the network is down');
    });
    await expect(simulator.handlePage(post(url, 'accept'))).rejects.toBeInstanceOf(UnavailableError);
    dynamo.meddleWith((_sent, pass) => pass());
    expect((await simulator.handlePage(post(url, 'accept'))).status).toBe(200);
  });
});
