import { expect, it } from 'vitest';
import type { PspRequest } from '../../ports/connector.ts';
import { createFakeDynamo, dynamoOpener, type FakeRequest, lost, refusal } from './dynamo.fixture.ts';
import {
  cleanUpAfterEach,
  createRig,
  firstRequest,
  followUp,
  PATIENT,
  reportOf,
} from './simulator.fixture.ts';

cleanUpAfterEach();

const SUCCEEDED = { outcome: 'succeeded' };
const NOT_EXECUTED = { name: 'PspError', outcome: 'not_executed', retryable: true };
const UNKNOWN = { name: 'PspError', outcome: 'unknown' };

function create(maxAttempts = 1) {
  const dynamo = createFakeDynamo();
  const rig = createRig({ openStorage: dynamoOpener(dynamo.client(maxAttempts), () => 'table') });
  const ask = (request: PspRequest) => rig.simulator.execute(request, PATIENT);
  const lookup = (request: PspRequest) => rig.simulator.lookup(request, PATIENT);
  const heal = () => dynamo.meddleWith((_request, pass) => pass());
  const writes = () => dynamo.requests.filter(({ name }) => name === 'PutItem').length;
  return { ...rig, dynamo, ask, lookup, heal, writes };
}

const isWrite = ({ name }: FakeRequest) => name === 'PutItem';

it.each(['ThrottlingException', 'ProvisionedThroughputExceededException', 'RequestLimitExceeded'])(
  'has certainly not executed what was refused with %s, after three attempts',
  async (name) => {
    const { dynamo, ask, lookup, heal, writes } = create();
    const request = firstRequest();
    dynamo.meddleWith((sent, pass) => (isWrite(sent) ? refusal(name) : pass()));
    await expect(ask(request)).rejects.toMatchObject(NOT_EXECUTED);
    expect(writes()).toBe(3);
    heal();
    expect(await lookup(request)).toBeNull();
    expect(await ask(request)).toMatchObject(SUCCEEDED);
  },
);

it('executes what was throttled only for a moment', async () => {
  const { dynamo, ask, writes } = create();
  dynamo.meddleWith((sent, pass) =>
    isWrite(sent) && writes() < 3 ? refusal('ThrottlingException') : pass(),
  );
  expect(await ask(firstRequest())).toMatchObject(SUCCEEDED);
});

it('has certainly not executed what it could not even read about', async () => {
  const { dynamo, ask, lookup, writes } = create();
  dynamo.meddleWith(() => {
    throw lost();
  });
  await expect(ask(firstRequest())).rejects.toMatchObject(NOT_EXECUTED);
  expect(writes()).toBe(0);
  // A look-up that gives no answer must not be taken for «never heard of it».
  await expect(lookup(firstRequest())).rejects.toMatchObject({ name: 'PspError' });
});

it('asks no second time for what it may not do', async () => {
  const { dynamo, ask, logged } = create();
  dynamo.meddleWith(() => refusal('AccessDeniedException'));
  await expect(ask(firstRequest())).rejects.toMatchObject(NOT_EXECUTED);
  expect(dynamo.requests).toHaveLength(1);
  expect(logged).toEqual([expect.stringContaining('AccessDeniedException')]);
});

it('cannot know of a write that nobody answered, whether or not it came to pass', async () => {
  for (const arrives of [false, true]) {
    const { dynamo, ask, lookup, heal } = create();
    const request = firstRequest();
    let isLost = false;
    dynamo.meddleWith((sent, pass) => {
      if (isWrite(sent)) {
        if (arrives && !isLost) pass();
        isLost = true;
      }
      // From then on nothing is answered, so that it cannot look either.
      if (isLost) throw lost();
      return pass();
    });
    await expect(ask(request)).rejects.toMatchObject(UNKNOWN);
    heal();
    expect((await lookup(request))?.outcome).toBe(arrives ? 'succeeded' : undefined);
    expect(await ask(request)).toMatchObject(SUCCEEDED);
  }
});

it.each([
  ['a time-out', () => lost()],
  ['a reset connection', () => Object.assign(new Error('reset'), { code: 'ECONNRESET' })],
])('recognises its own write after %s, and does nothing twice', async (_name, fault) => {
  const { dynamo, ask, simulator } = create();
  let isLost = false;
  dynamo.meddleWith((sent, pass) => {
    const answer = pass();
    if (!isWrite(sent) || isLost) return answer;
    isLost = true;
    throw fault();
  });
  const request = firstRequest({ payment_method: 'pm_sim_unavailable_2' });
  for (let attempt = 1; attempt <= 2; attempt += 1) {
    await expect(ask(request)).rejects.toThrow('as its payment method asks');
  }
  isLost = false;
  expect(await ask(request)).toMatchObject(SUCCEEDED);
  expect(await reportOf(simulator)).toHaveLength(1);
});

it('recognises it after an error of the server too', async () => {
  const { dynamo, ask, simulator } = create();
  let isLost = false;
  dynamo.meddleWith((sent, pass) => {
    const answer = pass();
    if (!isWrite(sent) || isLost) return answer;
    isLost = true;
    return refusal('InternalServerError', 500);
  });
  expect(await ask(firstRequest())).toMatchObject(SUCCEEDED);
  expect(await reportOf(simulator)).toHaveLength(1);
});

it('recognises its own write when the client repeats it by itself', async () => {
  const { dynamo, ask, simulator, writes } = create(3);
  dynamo.meddleWith((sent, pass) => {
    const answer = pass();
    if (isWrite(sent) && writes() === 1) throw lost();
    return answer;
  });
  const charge = firstRequest();
  expect(await ask(charge)).toMatchObject(SUCCEEDED);
  expect(await ask(followUp(charge, 'refund', { amount: 1_000 }))).toMatchObject(SUCCEEDED);
  expect(await reportOf(simulator)).toHaveLength(2);
});

it('is certain of no refusal that came after an attempt of the client which nobody answered', async () => {
  const { dynamo, ask } = create(2);
  let first = true;
  dynamo.meddleWith((sent, pass) => {
    if (!isWrite(sent)) return pass();
    if (!first) return refusal('AccessDeniedException');
    first = false;
    throw lost();
  });
  await expect(ask(firstRequest())).rejects.toMatchObject(UNKNOWN);
});

it('gives up, with nothing written, when others are faster twenty times', async () => {
  const { dynamo, ask, writes } = create();
  const charge = firstRequest();
  await ask(charge);
  const group = `psp#${charge.idempotency_key}`;
  dynamo.meddleWith((sent, pass) => {
    const item = dynamo.items.get(group);
    if (isWrite(sent) && item) {
      dynamo.items.set(group, { ...item, version: { N: `${Number(item.version?.N) + 1}` } });
    }
    return pass();
  });
  const before = writes();
  await expect(ask(followUp(charge, 'refund'))).rejects.toMatchObject(NOT_EXECUTED);
  expect(writes() - before).toBe(20);
});

it('decides again on what another process has left, when that one was faster', async () => {
  const { dynamo, ask } = create();
  const other = createRig({ openStorage: dynamoOpener(dynamo.client(), () => 'table') });
  const authorize = firstRequest({ kind: 'authorize' });
  await ask(authorize);
  let meddled = false;
  dynamo.meddleWith(async (sent, pass) => {
    if (isWrite(sent) && !meddled) {
      meddled = true;
      await other.simulator.execute(followUp(authorize, 'cancel'), PATIENT);
    }
    return pass();
  });
  const failure = { code: 'authorization_canceled' };
  expect(await ask(followUp(authorize, 'capture'))).toMatchObject({ outcome: 'failed', failure });
});

it('still refuses a key with another body, when another process has just used it', async () => {
  const { dynamo, ask, simulator } = create();
  const other = createRig({ openStorage: dynamoOpener(dynamo.client(), () => 'table') });
  const request = firstRequest();
  let meddled = false;
  dynamo.meddleWith(async (sent, pass) => {
    if (isWrite(sent) && !meddled) {
      meddled = true;
      await other.simulator.execute({ ...request, amount: 1 }, PATIENT);
    }
    return pass();
  });
  await expect(ask(request)).rejects.toMatchObject(UNKNOWN);
  expect(await reportOf(simulator)).toMatchObject([{ amount: 1 }]);
});
