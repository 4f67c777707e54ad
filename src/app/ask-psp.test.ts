import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../adapters/memory/fake-clock.ts';
import { createFakeTimers } from '../adapters/memory/fake-timers.ts';
import type { PspResult } from '../domain/answer.ts';
import { MAX_ATTEMPTS, MAX_REVERSAL_ATTEMPTS, PENDING_GRACE_MS, RETRY_CAP_MS } from '../domain/limits.ts';
import { aNewPayment, aNextAction, anOperation, aPayment, NOW_MS } from '../domain/payment.fixture.ts';
import { firstOperation, type Operation, type Payment } from '../domain/payment.ts';
import { PspError } from '../ports/faults.ts';
import { deferred, PSP_TIMEOUT_MS, settled } from './app.fixture.ts';
import { cancelLostRace, createAskPsp } from './ask-psp.ts';
import { pspRequest } from './psp-request.ts';
import {
  createScriptedPsp,
  DOWN,
  FAILS,
  KEY_IN_USE,
  NO_ANSWER,
  PENDS,
  REFUSES,
  type Reply,
  SUCCEEDS,
} from './scripted-psp.fixture.ts';

function start(script: { execute?: readonly Reply[]; lookup?: readonly Reply[]; random?: number } = {}) {
  const clock = createFakeClock(NOW_MS);
  const timers = createFakeTimers(clock);
  const connector = createScriptedPsp({ name: 'simulator' });
  connector.will(script);
  const logged: object[] = [];
  const log = (fields: object) => void logged.push(fields);
  const psp = createAskPsp({
    connectors: [connector],
    clock,
    timers,
    ids: { next: (prefix) => prefix, random: () => script.random ?? 0.5 },
    logger: { debug: log, info: log, warn: log, error: log },
    pspTimeoutMs: PSP_TIMEOUT_MS,
  });
  const ask = (payment: Payment, { attempt = 1, again = false } = {}) =>
    psp.ask(payment, payment.operations.at(-1) as Operation, attempt, again);
  return { clock, timers, connector, logged, psp, ask };
}

function charge(given: Partial<Operation>): Payment {
  return aPayment({ operations: [anOperation({ settled_at: null, ...given })] });
}

function reversal(given: Partial<Operation> = {}): Payment {
  const cancel = anOperation({ id: 'cancel.3', kind: 'cancel' });
  const operation = anOperation({ id: 'reversal.5', kind: 'reversal', outcome: 'pending', ...given });
  return aPayment({ operations: [anOperation(), cancel, operation] });
}

const UNKNOWN: PspResult = { outcome: 'unknown' };

describe('asking a PSP for an operation', () => {
  it('asks for it at once where it cannot have been asked before', async () => {
    const { connector, ask, timers } = start();
    const payment = aNewPayment();
    expect(await ask(payment)).toEqual({ result: SUCCEEDS, lookup: false });
    const request = pspRequest(payment, firstOperation(payment));
    expect(connector.asked).toEqual([{ call: 'execute', request }]);
    expect(timers.pending()).toBe(0);
  });

  it.each<[string, Payment, { again?: boolean }]>([
    ['of a message that came before', aNewPayment(), { again: true }],
    ['that is unknown', charge({ outcome: 'unknown' }), {}],
    ['that the PSP has accepted', charge({ outcome: 'pending', psp_reference: 'ref_1' }), {}],
    ['that wants the customer', charge({ outcome: 'requires_action', next_action: aNextAction() }), {}],
    ['that was asked for long ago', aNewPayment({ nowMs: NOW_MS - PENDING_GRACE_MS }), {}],
  ])('looks up first what became of one %s', async (_what, payment, how) => {
    const { connector, ask } = start({ lookup: [SUCCEEDS] });
    expect(await ask(payment, how)).toEqual({ result: SUCCEEDS, lookup: true });
    expect(connector.calls()).toEqual(['lookup']);
  });

  it.each<[string, Payment, { again?: boolean }]>([
    ['of a message that came before', aNewPayment(), { again: true }],
    ['that is unknown', charge({ outcome: 'unknown' }), {}],
    ['that was asked for long ago', aNewPayment({ nowMs: NOW_MS - PENDING_GRACE_MS }), {}],
  ])('asks for one %s after all, once the PSP has never heard of it', async (_what, payment, how) => {
    const { connector, ask } = start({ lookup: [null] });
    expect(await ask(payment, how)).toEqual({ result: SUCCEEDS, lookup: false });
    expect(connector.calls()).toEqual(['lookup', 'execute']);
  });

  it.each<[string, Payment]>([
    ['accepted', charge({ outcome: 'pending', psp_reference: 'ref_1' })],
    ['made a challenge of', charge({ outcome: 'requires_action', next_action: aNextAction() })],
  ])('does not ask again for what the PSP has %s, and now does not know', async (_what, payment) => {
    const { connector, ask } = start({ lookup: [null] });
    expect(await ask(payment)).toEqual({ result: UNKNOWN, lookup: true });
    expect(connector.calls()).toEqual(['lookup']);
  });

  it.each([
    ['is down', DOWN],
    ['refuses to be asked', REFUSES],
    ['gives no answer', NO_ANSWER],
    ['has the key in use', KEY_IN_USE],
    ['breaks', new Error('a bug')],
  ])('does not ask for what it could not look up: the PSP %s', async (_what, error) => {
    const { connector, ask } = start({ lookup: [error] });
    expect(await ask(aNewPayment(), { again: true })).toEqual({ result: UNKNOWN, lookup: true });
    expect(connector.calls()).toEqual(['lookup']);
  });
});

describe('what comes of asking', () => {
  it.each<[string, Reply, PspResult]>([
    ['a failure', FAILS, FAILS as PspResult],
    ['«not decided yet»', PENDS, PENDS],
    ['no answer', NO_ANSWER, UNKNOWN],
    ['«key in use»', KEY_IN_USE, UNKNOWN],
    ['a bug of the connector', new TypeError('x is not a function'), UNKNOWN],
    ['a refusal for good', REFUSES, { outcome: 'rejected', message: REFUSES.message }],
  ])('%s', async (_what, reply, result) => {
    const { ask, timers } = start({ execute: [reply] });
    expect(await ask(aNewPayment())).toEqual({ result, lookup: false });
    expect(timers.pending()).toBe(0);
  });

  it('is unknown where the connector throws instead of rejecting, and no timer is left', async () => {
    const { ask, connector, timers } = start();
    connector.execute = () => {
      throw new TypeError('x is not a function');
    };
    expect(await ask(aNewPayment())).toEqual({ result: UNKNOWN, lookup: false });
    expect(timers.pending()).toBe(0);
  });

  it('is unknown where something is thrown that is not even an error', async () => {
    const { ask } = start({ execute: [() => Promise.reject('a string')] });
    expect(await ask(aNewPayment())).toEqual({ result: UNKNOWN, lookup: false });
  });

  it.each([
    { attempt: 1, random: 0, afterMs: 0 },
    { attempt: 1, random: 0.999, afterMs: 999 },
    { attempt: 3, random: 0.5, afterMs: 2_000 },
    { attempt: 7, random: 0.5, afterMs: RETRY_CAP_MS / 2 },
  ])('is tried again after a capped and jittered pause: $attempt, $random', async (given) => {
    const { ask } = start({ execute: [DOWN], random: given.random });
    const { result } = await ask(aNewPayment(), given);
    expect(result).toEqual({
      outcome: 'not_executed',
      attempt: given.attempt,
      message: DOWN.message,
      retryAtMs: NOW_MS + given.afterMs,
    });
  });

  it('is a retry where there is no such connector, and a refusal where it does not take the mode', async () => {
    const { ask, connector } = start();
    expect(await ask(aNewPayment({ connector: 'gone' }))).toMatchObject({
      result: { outcome: 'not_executed', message: expect.stringContaining('gone') },
    });
    expect(await ask(aNewPayment({ livemode: true }))).toMatchObject({ result: { outcome: 'rejected' } });
    expect(connector.calls()).toEqual([]);
  });

  it('tells nobody more than the payment, the operation and the error', async () => {
    const { ask, logged } = start({ execute: [NO_ANSWER] });
    await ask(aNewPayment());
    expect(logged).toEqual([
      { payment_id: 'order-1', operation_id: 'charge.1', attempt: 1, error: NO_ANSWER.message },
    ]);
  });

  it('keeps and logs nothing of a card that the PSP speaks of', async () => {
    const error = new PspError('not_executed', 'Bad card 4242-4242-4242-4242', false);
    const { ask, logged } = start({ execute: [error], lookup: [error] });
    const message = 'Bad card [redacted]';
    expect((await ask(aNewPayment())).result).toEqual({ outcome: 'rejected', message });
    await ask(aNewPayment(), { again: true });
    expect(logged).toMatchObject([{ error: message }, { error: message }]);
  });
});

describe('the last attempt', () => {
  /** A copy may have looked up first. */
  const LAST_MS = 2 * PSP_TIMEOUT_MS + 1_000;
  const NEVER_HEARD_OF: [string, Payment, number][] = [
    ['a charge', aNewPayment(), MAX_ATTEMPTS],
    ['an unknown charge', charge({ outcome: 'unknown' }), MAX_ATTEMPTS],
    ['a reversal', reversal(), MAX_REVERSAL_ATTEMPTS],
    ['an unknown reversal', reversal({ outcome: 'unknown' }), MAX_REVERSAL_ATTEMPTS],
  ];

  it.each(NEVER_HEARD_OF)('is made all the same, of %s', async (_what, payment, attempt) => {
    const { ask, connector } = start();
    expect(await ask(payment, { attempt })).toEqual({ result: SUCCEEDS, lookup: false });
    expect(connector.calls().at(-1)).toBe('execute');
  });

  it.each(NEVER_HEARD_OF)(
    'of %s is looked up once no copy can still be asking',
    async (_what, payment, attempt) => {
      const { ask, psp } = start({ execute: [DOWN], random: 0 });
      const { result } = await ask(payment, { attempt });
      expect(result).toMatchObject({ outcome: 'not_executed', attempt, retryAtMs: NOW_MS + LAST_MS });
      expect(psp.patienceMs).toBe(LAST_MS);
    },
  );

  it.each(NEVER_HEARD_OF)(
    'of %s was the last: it is given up if the PSP knows nothing of it',
    async (_what, payment, cap) => {
      const { ask, connector } = start({ lookup: [null] });
      expect(await ask(payment, { attempt: cap + 1 })).toEqual({
        result: { outcome: 'given_up', message: expect.stringContaining(`asked ${cap} times`) },
        lookup: true,
      });
      expect(connector.calls()).toEqual(['lookup']);
    },
  );

  it.each<[string, Reply, PspResult]>([
    ['the PSP has executed after all', SUCCEEDS, SUCCEEDS],
    ['the PSP is at work on', PENDS, PENDS],
    ['the PSP cannot be asked about', DOWN, UNKNOWN],
  ])('is not the end of what %s', async (_what, reply, result) => {
    const { ask } = start({ lookup: [reply] });
    expect(await ask(aNewPayment(), { attempt: MAX_ATTEMPTS + 1 })).toEqual({ result, lookup: true });
  });

  it('does not give up what the PSP once knew', async () => {
    const { ask } = start({ lookup: [null] });
    const accepted = charge({ outcome: 'pending', psp_reference: 'ref_1' });
    expect(await ask(accepted, { attempt: MAX_ATTEMPTS + 1 })).toEqual({ result: UNKNOWN, lookup: true });
  });

  it('of the others is not the last of a reversal', async () => {
    const { ask, connector } = start({ execute: [DOWN], random: 0.5 });
    const { result } = await ask(reversal(), { attempt: MAX_ATTEMPTS + 1 });
    expect(result).toMatchObject({ outcome: 'not_executed', retryAtMs: NOW_MS + RETRY_CAP_MS / 2 });
    expect(connector.calls()).toEqual(['execute']);
  });
});

describe('the deadline', () => {
  it.each([{ again: false }, { again: true }])(
    'makes it unknown, and tells the PSP (again: $again)',
    async (how) => {
      const told: boolean[] = [];
      const never: Reply = (_request, signal) =>
        new Promise(() => signal.addEventListener('abort', () => told.push(true)));
      const { clock, timers, ask } = start({ execute: [never], lookup: [never] });
      const asked = ask(aNewPayment(), how);
      await settled();
      clock.advance(PSP_TIMEOUT_MS - 1);
      await settled();
      expect(told).toEqual([]);
      clock.advance(1);
      expect(await asked).toEqual({ result: UNKNOWN, lookup: how.again });
      expect(told).toEqual([true]);
      expect(timers.pending()).toBe(0);
    },
  );

  it.each<[string, () => Reply]>([
    ['answers', () => SUCCEEDS],
    ['fails', () => NO_ANSWER],
  ])('does not care for a PSP that %s after it', async (_what, reply) => {
    const answer = deferred();
    const late: Reply = async () => {
      await answer.promise;
      const said = reply();
      if (said instanceof Error) throw said;
      return said as typeof SUCCEEDS;
    };
    const { clock, ask, timers } = start({ execute: [late] });
    const asked = ask(aNewPayment());
    clock.advance(PSP_TIMEOUT_MS);
    expect(await asked).toEqual({ result: UNKNOWN, lookup: false });
    answer.resolve();
    // A rejection that nobody handles would fail this run.
    await settled();
    expect(timers.pending()).toBe(0);
  });

  it('does not abort what was answered in time', async () => {
    let signal: AbortSignal | undefined;
    const quick: Reply = async (_request, given) => {
      signal = given;
      return SUCCEEDS;
    };
    const { clock, ask } = start({ execute: [quick] });
    await ask(aNewPayment());
    clock.advance(PSP_TIMEOUT_MS);
    await settled();
    expect(signal?.aborted).toBe(false);
  });
});

describe('looking an operation up', () => {
  it('never asks for it', async () => {
    const { connector, psp } = start({ lookup: [SUCCEEDS, null, DOWN] });
    const payment = aNewPayment();
    const lookUp = () => psp.lookUp(payment, firstOperation(payment));
    expect([await lookUp(), await lookUp(), await lookUp()]).toEqual([SUCCEEDS, UNKNOWN, UNKNOWN]);
    expect(connector.calls()).toEqual(['lookup', 'lookup', 'lookup']);
  });
});

describe('a cancel that lost the race', () => {
  const challenge = anOperation({ outcome: 'requires_action' });
  const cancel = anOperation({ id: 'cancel.3', kind: 'cancel', outcome: 'pending' });
  const payment = aPayment({ operations: [challenge, cancel] });

  it('is one that the PSP refuses while we still wait for the customer', () => {
    expect(cancelLostRace(payment, cancel, FAILS)).toBe(true);
    expect(cancelLostRace(payment, cancel, SUCCEEDS)).toBe(false);
    expect(cancelLostRace(payment, cancel, UNKNOWN)).toBe(false);
    expect(cancelLostRace(payment, challenge, FAILS)).toBe(false);
    const held = aPayment({ operations: [anOperation({ kind: 'authorize' }), cancel] });
    expect(cancelLostRace(held, cancel, FAILS)).toBe(false);
  });
});
