import { expect, it } from 'vitest';
import type { PspAnswer } from '../../domain/answer.ts';
import type { PspRequest } from '../../ports/connector.ts';
import { PspError } from '../../ports/faults.ts';
import {
  createRig,
  firstRequest,
  followUp,
  PATIENT,
  type RigOptions,
  reportOf,
  type StorageOpener,
} from './simulator.fixture.ts';

/** Refunds side by side: more than the worker of one payment ever asks for. */
const SIDE_BY_SIDE = 12;
/** How often a worker would ask again for what was not executed. */
const MAX_ATTEMPTS = 8;

/** What must hold where several processes, each with a simulator of its own, share one storage. */
export function describeSharing(makeOpener: () => StorageOpener): void {
  /** Two processes, and somebody who asks them in turn. */
  function createPair(options: RigOptions = {}) {
    const openStorage = makeOpener();
    const rigs = [createRig({ ...options, openStorage }), createRig({ ...options, openStorage })] as const;
    let turns = 0;
    const next = () => {
      turns += 1;
      return rigs[turns % 2 === 0 ? 0 : 1].simulator;
    };
    const ask = (request: PspRequest) => next().execute(request, PATIENT);
    /** As the worker does: what was not executed is asked for again. */
    async function insist(request: PspRequest): Promise<PspAnswer> {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await ask(request);
        } catch (error) {
          const again = error instanceof PspError && error.outcome === 'not_executed';
          if (!again || attempt === MAX_ATTEMPTS) throw error;
        }
      }
    }
    const [one, other] = rigs;
    return { one, other, ask, insist, report: () => reportOf(one.simulator) };
  }

  it('executes one key once, however many ask for it at once, and gives all the same answer', async () => {
    const { ask, report } = createPair();
    const request = firstRequest();
    const answers = await Promise.all(Array.from({ length: 50 }, () => ask(request)));
    expect(answers[0]).toMatchObject({ outcome: 'succeeded' });
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect(await report()).toHaveLength(1);
  });

  it('executes a key once, though two processes think about it at once', async () => {
    const { one, other, report } = createPair({ latencyMs: 100 });
    const request = firstRequest();
    const asked = [one, other].map(({ simulator }) => simulator.execute(request, PATIENT));
    for (const rig of [one, other]) await rig.advance(100);
    const [answer, same] = await Promise.all(asked);
    expect(answer).toMatchObject({ outcome: 'succeeded' });
    expect(same).toEqual(answer);
    expect(await report()).toHaveLength(1);
  });

  it('opens one challenge, however many ask for it at once', async () => {
    const { one, other, ask } = createPair();
    const request = firstRequest({ payment_method: 'pm_card_authenticationRequired' });
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(request)));
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    const { url } = (answers[0] as { next_action: { url: string } }).next_action;
    for (const { simulator } of [one, other])
      expect((await simulator.handlePage(new Request(url))).status).toBe(200);
  });

  it('never gives back more than was captured, whoever is asked for the parts', async () => {
    const { insist, report } = createPair();
    const charge = firstRequest({ amount: 1_000 });
    await insist(charge);
    const parts = Array.from({ length: SIDE_BY_SIDE }, (_, n) =>
      followUp(charge, 'refund', { amount: 130, operation_id: `re_${n}` }),
    );
    const outcomes = (await Promise.all(parts.map(insist))).map(({ outcome }) => outcome);
    expect(outcomes.filter((outcome) => outcome === 'succeeded')).toHaveLength(7);
    expect(outcomes.filter((outcome) => outcome === 'failed')).toHaveLength(SIDE_BY_SIDE - 7);
    expect(await report()).toHaveLength(1 + SIDE_BY_SIDE);
  });

  it('lets exactly one of a capture and a cancel win', async () => {
    const { insist } = createPair();
    for (let n = 0; n < 5; n += 1) {
      const authorize = firstRequest({ kind: 'authorize' });
      await insist(authorize);
      const asked = [followUp(authorize, 'capture'), followUp(authorize, 'cancel')];
      const outcomes = (await Promise.all(asked.map(insist))).map(({ outcome }) => outcome);
      expect(outcomes.sort()).toEqual(['failed', 'succeeded']);
    }
  });

  it('counts every attempt once, whoever is asked', async () => {
    const { ask } = createPair();
    const request = firstRequest({ payment_method: 'pm_sim_unavailable_6' });
    const results = await Promise.allSettled(Array.from({ length: SIDE_BY_SIDE }, () => ask(request)));
    const refused = results.filter(({ status }) => status === 'rejected');
    expect(refused).toHaveLength(6);
    for (const result of refused) {
      const { reason } = result as PromiseRejectedResult;
      expect([reason.outcome, String(reason)]).toEqual([
        'not_executed',
        expect.stringContaining('is unavailable'),
      ]);
    }
  });

  it('takes one of two decisions made at once, and a cancel or the decision, never both', async () => {
    const { one, other, ask, insist } = createPair();
    for (const kind of ['charge', 'authorize'] as const) {
      const request = firstRequest({ kind, payment_method: 'pm_card_authenticationRequired' });
      const { url } = ((await ask(request)) as { next_action: { url: string } }).next_action;
      const post = (rig: typeof one, decision: string) =>
        rig.simulator.handlePage(
          new Request(url, { method: 'POST', body: new URLSearchParams({ decision }) }),
        );
      const [accepted, refused, canceled] = await Promise.all([
        post(one, 'accept'),
        post(other, 'refuse'),
        insist(followUp(request, 'cancel')),
      ]);
      const decided = [accepted, refused].filter(({ status }) => status === 200).length;
      expect(decided).toBeLessThanOrEqual(1);
      // Only the hold that was accepted first can be both: that is a void.
      const isVoid = kind === 'authorize' && accepted.status === 200;
      if (!isVoid) expect(canceled.outcome).toBe(decided === 1 ? 'failed' : 'succeeded');
      expect(one.delivered.length + other.delivered.length).toBe(decided);
      one.delivered.length = 0;
      other.delivered.length = 0;
    }
  });

  it('sends a call-back from whichever process looks, and not again once it was taken', async () => {
    const { one, other, ask } = createPair();
    const charge = firstRequest({ payment_method: 'pm_card_pendingRefund' });
    await ask(charge);
    await one.simulator.execute(followUp(charge, 'refund'), PATIENT);
    await one.advance(2_000);
    await other.advance(2_000);
    expect(await other.simulator.deliverDue()).toBe(1);
    expect(await one.simulator.deliverDue()).toBe(0);
  });

  it('does not bring back a call-back that another process has delivered meanwhile', async () => {
    const openStorage = makeOpener();
    const hanging = Promise.withResolvers<boolean>();
    const slow = createRig({ openStorage, deliver: () => hanging.promise });
    const quick = createRig({ openStorage });
    const charge = firstRequest({ payment_method: 'pm_card_pendingRefund' });
    await quick.simulator.execute(charge, PATIENT);
    await quick.simulator.execute(followUp(charge, 'refund'), PATIENT);
    await slow.advance(2_000);
    await quick.advance(2_000);
    const started = slow.simulator.deliverDue();
    while (slow.delivered.length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(await quick.simulator.deliverDue()).toBe(1);
    hanging.resolve(false);
    expect(await started).toBe(0);
    await quick.advance(24 * 3_600_000);
    expect(await quick.simulator.deliverDue()).toBe(0);
  });
}
