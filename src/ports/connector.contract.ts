import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PspAnswer } from '../domain/answer.ts';
import { pspIdempotencyKey } from '../domain/hashes.ts';
import type { OperationKind } from '../domain/payment.ts';
import type { Connector, PspReportLine, PspRequest } from './connector.ts';
import { PspError } from './faults.ts';

/** What an adapter opens for each test of the contract. */
export interface ConnectorHarness {
  connector: Connector;
  /** Payment methods of the PSP's test mode, by what they do. */
  methods: { succeeds: string; declined: string };
  /** Different for every run against a PSP that remembers the ones before. */
  run: string;
  close(): Promise<void>;
}

const AMOUNT = 1_000;
const HALF = 500;
/** Attempts at one operation side by side: more than a queue that repeats itself ever makes. */
const ATTEMPTS = 20;

/**
 * The suite of the connector, which the adapter to each PSP runs. It asks for what the worker relies on: a key has one
 * effect and one answer, whatever happened can be looked up, and the PSP itself keeps to the bounds of the money.
 * @param open called for each test
 */
export function describeConnector(name: string, open: () => Promise<ConnectorHarness>): void {
  describe(name, () => {
    let harness: ConnectorHarness;
    beforeEach(async () => {
      harness = await open();
    });
    afterEach(() => harness.close());

    const given = () => createBook(harness);
    describe('keys', () => describeKeys(given));
    describe('look-ups', () => describeLookups(given));
    describe('authorizations', () => describeAuthorizations(given));
    describe('cancels', () => describeCancels(given));
    describe('refunds', () => describeRefunds(given));
    describe('reversals', () => describeReversals(given));
    describe('reports', () => describeReports(given));

    it('takes test payments, live ones, or both', () => {
      const { connector } = harness;
      expect(connector.accepts(false) || connector.accepts(true)).toBe(true);
    });

    it('does not open a call-back that nobody has signed', () => {
      const body = Buffer.from('{"type":"operation.succeeded","data":{}}');
      expect(harness.connector.openCallback({ headers: {}, body }, Date.UTC(2025, 0, 1))).toBeNull();
    });
  });
}

type Book = ReturnType<typeof createBook>;

/** Requests as the worker would make them, and what came of them. */
function createBook({ connector, methods, run }: ConnectorHarness) {
  const { signal } = new AbortController();
  let payments = 0;

  function first(kind: 'charge' | 'authorize', changed: Partial<PspRequest> = {}): PspRequest {
    payments += 1;
    const ref = { merchant_id: 'm_contract', livemode: false, payment_id: `${run}-p${payments}` };
    const idempotency_key = pspIdempotencyKey(ref, `${kind}.1`);
    return {
      ...ref,
      idempotency_key,
      kind,
      amount: AMOUNT,
      currency: 'usd',
      payment_method: methods.succeeds,
      return_url: null,
      original_reference: null,
      original_key: idempotency_key,
      operation_id: `${kind}.1`,
      ...changed,
    };
  }

  function followUp(
    original: PspRequest,
    kind: OperationKind,
    amount = original.amount,
    id = `${kind}.2`,
  ): PspRequest {
    return {
      ...original,
      idempotency_key: pspIdempotencyKey(original, id),
      kind,
      amount,
      original_key: original.idempotency_key,
      operation_id: id,
    };
  }

  const execute = (request: PspRequest) => connector.execute(request, signal);
  const lookup = (request: PspRequest) => connector.lookup(request, signal);

  async function succeeded(request: PspRequest): Promise<PspRequest> {
    expect(await execute(request)).toMatchObject({ outcome: 'succeeded' });
    return request;
  }

  async function report(): Promise<PspReportLine[]> {
    const lines: PspReportLine[] = [];
    for await (const line of connector.report()) if (line.payment_id.startsWith(`${run}-`)) lines.push(line);
    return lines;
  }

  const declined = { payment_method: methods.declined };
  return { first, followUp, execute, lookup, succeeded, report, declined };
}

async function fault(promise: Promise<unknown>): Promise<PspError> {
  const error = await promise.then(
    (answer) => new Error(`Answered ${JSON.stringify(answer)}, and no fault`),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(PspError);
  return error as PspError;
}

function describeKeys(given: () => Book): void {
  it('repeats the answer of a key, and not the effect', async () => {
    const { first, execute, report } = given();
    const request = first('charge');
    const answer = await execute(request);
    expect(answer).toMatchObject({ outcome: 'succeeded', psp_reference: expect.any(String) });
    expect(await execute({ ...request })).toEqual(answer);
    expect(await report()).toHaveLength(1);
  });

  it('repeats a decline too', async () => {
    const { first, execute, declined } = given();
    const request = first('charge', declined);
    const answer = await execute(request);
    expect(answer).toMatchObject({ outcome: 'failed', failure: { code: 'card_declined' } });
    expect(await execute(request)).toEqual(answer);
  });

  it('never executes a key again with another body: that it is in use is unknown, not failed', async () => {
    const { first, succeeded, execute, lookup, report } = given();
    const request = await succeeded(first('charge'));
    const before = await lookup(request);
    for (const changed of [{ amount: AMOUNT + 1 }, { currency: 'eur' }]) {
      expect((await fault(execute({ ...request, ...changed }))).outcome).toBe('unknown');
    }
    expect(await lookup(request)).toEqual(before);
    expect(await report()).toMatchObject([{ amount: AMOUNT, currency: 'usd' }]);
  });

  it('has one effect and one answer for a key that is asked many times at once', async () => {
    const { first, execute, lookup, report } = given();
    const request = first('charge');
    const results = await Promise.allSettled(Array.from({ length: ATTEMPTS }, () => execute(request)));
    const truth = await lookup(request);
    expect(truth).toMatchObject({ outcome: 'succeeded' });
    for (const result of results) {
      if (result.status === 'fulfilled') expect(result.value).toEqual(truth);
      else expect(result.reason).toMatchObject({ name: 'PspError', outcome: 'unknown' });
    }
    expect(await report()).toHaveLength(1);
  });

  it('keeps two payments that differ in nothing but their id apart', async () => {
    const { first, execute } = given();
    const [one, other] = [await execute(first('charge')), await execute(first('charge'))];
    expect(one.psp_reference).not.toBe(other.psp_reference);
  });
}

function describeLookups(given: () => Book): void {
  it('has never heard of what was never asked', async () => {
    const { first, lookup } = given();
    expect(await lookup(first('charge'))).toBeNull();
  });

  it('answers a look-up as it answered the request', async () => {
    const { first, followUp, execute, lookup, declined } = given();
    const charge = first('charge');
    const requests = [
      charge,
      followUp(charge, 'refund'),
      followUp(charge, 'refund', 1, 're_too_much'),
      first('authorize'),
      first('charge', declined),
    ];
    for (const request of requests) {
      const answer: PspAnswer = await execute(request);
      expect(await lookup(request)).toEqual(answer);
    }
  });

  it('does not make a payment known by looking for it', async () => {
    const { first, lookup, execute } = given();
    const request = first('charge');
    await lookup(request);
    expect(await execute(request)).toMatchObject({ outcome: 'succeeded' });
  });
}

function describeAuthorizations(given: () => Book): void {
  it('captures all of an authorization', async () => {
    const { first, followUp, succeeded } = given();
    const authorize = await succeeded(first('authorize'));
    await succeeded(followUp(authorize, 'capture'));
  });

  it('captures part of it, which bounds the refunds', async () => {
    const { first, followUp, succeeded, execute } = given();
    const authorize = await succeeded(first('authorize'));
    await succeeded(followUp(authorize, 'capture', HALF));
    expect(await execute(followUp(authorize, 'refund', HALF + 1, 're_1'))).toMatchObject({
      outcome: 'failed',
    });
    await succeeded(followUp(authorize, 'refund', HALF, 're_2'));
  });

  it('never captures more than was authorized', async () => {
    const { first, followUp, succeeded, execute } = given();
    const authorize = await succeeded(first('authorize'));
    const answer = await execute(followUp(authorize, 'capture', AMOUNT + 1));
    expect(answer).toMatchObject({ outcome: 'failed', failure: { code: 'amount_too_large' } });
    await succeeded(followUp(authorize, 'capture', AMOUNT, 'capture.3'));
  });

  it('finds the authorization by its reference where the key is not known', async () => {
    const { first, followUp, execute, succeeded } = given();
    const authorize = first('authorize');
    const original_reference = (await execute(authorize)).psp_reference;
    await succeeded({ ...followUp(authorize, 'capture'), original_reference });
  });
}

function describeCancels(given: () => Book): void {
  it('voids an authorization, which cannot be captured afterwards', async () => {
    const { first, followUp, succeeded, execute } = given();
    const authorize = await succeeded(first('authorize'));
    await succeeded(followUp(authorize, 'cancel'));
    const answer = await execute(followUp(authorize, 'capture'));
    expect(answer).toMatchObject({ outcome: 'failed', failure: { code: 'authorization_canceled' } });
  });

  it('comes too late for a charge, and for a capture, that has succeeded', async () => {
    const { first, followUp, succeeded, execute } = given();
    const charge = await succeeded(first('charge'));
    const authorize = await succeeded(first('authorize'));
    await succeeded(followUp(authorize, 'capture'));
    for (const original of [charge, authorize]) {
      const answer = await execute(followUp(original, 'cancel'));
      expect(answer).toMatchObject({ outcome: 'failed', failure: { code: 'already_succeeded' } });
    }
  });

  it('comes too late for a charge that has failed', async () => {
    const { first, followUp, execute, declined } = given();
    const charge = first('charge', declined);
    await execute(charge);
    const answer = await execute(followUp(charge, 'cancel'));
    expect(answer).toMatchObject({ outcome: 'failed', failure: { code: 'already_failed' } });
  });

  it('of what the PSP never heard of succeeds, and stops it from happening later', async () => {
    const { first, followUp, succeeded, execute } = given();
    const charge = first('charge');
    await succeeded(followUp(charge, 'cancel'));
    expect(await execute(charge)).toMatchObject({ outcome: 'failed' });
  });

  it('and a capture at once leave exactly one of the two', async () => {
    const { first, followUp, succeeded, execute } = given();
    const authorize = await succeeded(first('authorize'));
    const asked = [followUp(authorize, 'capture'), followUp(authorize, 'cancel')];
    const outcomes = (await Promise.all(asked.map(execute))).map(({ outcome }) => outcome);
    expect(outcomes.sort()).toEqual(['failed', 'succeeded']);
  });
}

function describeRefunds(given: () => Book): void {
  it('gives back in parts, and never more than was captured', async () => {
    const { first, followUp, succeeded, execute } = given();
    const charge = await succeeded(first('charge'));
    await succeeded(followUp(charge, 'refund', 600, 're_1'));
    const answer = await execute(followUp(charge, 'refund', 600, 're_2'));
    expect(answer).toMatchObject({ outcome: 'failed', failure: { code: 'refund_exceeds_captured' } });
    await succeeded(followUp(charge, 'refund', 400, 're_3'));
  });

  it('keeps to the bound when they are asked at once', async () => {
    const { first, followUp, succeeded, execute } = given();
    const charge = await succeeded(first('charge'));
    const asked = ['re_1', 're_2', 're_3'].map((id) => followUp(charge, 'refund', 600, id));
    const outcomes = (await Promise.all(asked.map(execute))).map(({ outcome }) => outcome);
    expect(outcomes.sort()).toEqual(['failed', 'failed', 'succeeded']);
  });

  it('has nothing to give back of an authorization', async () => {
    const { first, followUp, succeeded, execute } = given();
    const authorize = await succeeded(first('authorize'));
    expect(await execute(followUp(authorize, 'refund'))).toMatchObject({ outcome: 'failed' });
  });

  it('fails for what the PSP never heard of', async () => {
    const { first, followUp, execute } = given();
    expect(await execute(followUp(first('charge'), 'refund'))).toMatchObject({ outcome: 'failed' });
  });
}

function describeReversals(given: () => Book): void {
  it('give back a charge or an authorization, once', async () => {
    const { first, followUp, succeeded, execute } = given();
    for (const kind of ['charge', 'authorize'] as const) {
      const original = await succeeded(first(kind));
      await succeeded(followUp(original, 'reversal'));
      const again = await execute(followUp(original, 'reversal', AMOUNT, 'reversal.3'));
      expect(again).toMatchObject({ outcome: 'failed' });
    }
  });

  it('leave nothing to refund', async () => {
    const { first, followUp, succeeded, execute } = given();
    const charge = await succeeded(first('charge'));
    await succeeded(followUp(charge, 'reversal'));
    expect(await execute(followUp(charge, 'refund', 1))).toMatchObject({ outcome: 'failed' });
  });
}

function describeReports(given: () => Book): void {
  it('tells everything that was executed, oldest first, with its outcome', async () => {
    const { first, followUp, execute, report, declined } = given();
    const charge = first('charge');
    const asked = [charge, first('charge', declined), followUp(charge, 'refund', HALF), first('authorize')];
    for (const request of asked) await execute(request);
    const outcomes = ['succeeded', 'failed', 'succeeded', 'succeeded'];
    const expected = asked.map((request, n) => {
      const { idempotency_key, merchant_id, livemode, payment_id, operation_id, kind, amount, currency } =
        request;
      const outcome = outcomes[n];
      return {
        idempotency_key,
        merchant_id,
        livemode,
        payment_id,
        operation_id,
        kind,
        amount,
        currency,
        outcome,
      };
    });
    expect(await report()).toEqual(expected);
  });
}
