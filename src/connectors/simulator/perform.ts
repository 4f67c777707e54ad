import type { PspAnswer } from '../../domain/answer.ts';
import type { Clock } from '../../ports/clock.ts';
import type { PspRequest } from '../../ports/connector.ts';
import { PspError } from '../../ports/faults.ts';
import type { Ids } from '../../ports/ids.ts';
import { answerOf } from './answer-of.ts';
import type { CallbackOutbox } from './callback-outbox.ts';
import { CHALLENGE_PATH } from './challenge-page.ts';
import { challengeToken } from './challenge-token.ts';
import { decideFirst, decideFollowUp, PENDING_REFUND_MS, type Verdict } from './decide.ts';
import { type Behaviour, behaviourOf, failure, invalidPaymentMethod } from './payment-methods.ts';
import { referenceOf, slotOf } from './references.ts';
import { hashed, isSame } from './same-request.ts';
import type { SimulatedOperation, SimulatorMemory } from './simulator-storage.ts';

/** What comes of asking: an answer, given or kept back, or none. */
export type Performed = { answer: PspAnswer; silent: boolean } | 'lost' | 'unavailable';

export interface PerformDeps {
  clock: Clock;
  ids: Ids;
  baseUrl: () => string;
  outbox: CallbackOutbox;
}

/** Decides and remembers, in one synchronous step that nothing can come between. Not committed yet; may run again. */
export interface Performer {
  /** @throws PspError if the key was used for another request */
  perform(memory: SimulatorMemory, request: PspRequest): Performed;
  /** What is said of an operation that was performed before. */
  answer(operation: SimulatedOperation): PspAnswer;
}

const CANCELED_BEFORE = failure('payment_canceled', null, 'The payment was canceled before it was made.');

export function createPerformer({ clock, ids, baseUrl, outbox }: PerformDeps): Performer {
  function answer(operation: SimulatedOperation): PspAnswer {
    return answerOf(operation, `${baseUrl()}${CHALLENGE_PATH}${operation.challenge}`, clock.now());
  }

  function findOriginal(memory: SimulatorMemory, request: PspRequest): SimulatedOperation | null {
    const { original_key, original_reference, merchant_id } = request;
    const byReference = () =>
      original_reference === null ? undefined : memory.findByReference(original_reference);
    const original = memory.find(original_key) ?? byReference();
    // What is another merchant's does not exist for this one.
    return original?.request.merchant_id === merchant_id ? original : null;
  }

  function perform(memory: SimulatorMemory, asked: PspRequest): Performed {
    const isFirst = asked.kind === 'charge' || asked.kind === 'authorize';
    const behaviour = behaviourOf(asked.payment_method);
    const request = behaviour ? asked : { ...asked, payment_method: hashed(asked.payment_method) };
    const { idempotency_key: key } = request;
    const known = memory.find(key);
    if (known) {
      if (!isSame(known.request, request)) throw keyInUse('has been used for another request');
      return { answer: answer(known), silent: false };
    }
    if (!isFirst) return { answer: followUp(memory, request), silent: false };
    if (memory.isCanceled(key))
      return first(memory, request, { outcome: 'failed', failure: CANCELED_BEFORE });
    if (!behaviour)
      return first(memory, request, {
        outcome: 'failed',
        failure: invalidPaymentMethod(asked.payment_method),
      });
    if (behaviour.unavailableTimes && memory.countAttempt(key) <= behaviour.unavailableTimes)
      return 'unavailable';
    if (behaviour.silence === 'lost' && memory.countAttempt(key) === 1) return 'lost';
    return first(memory, request, decideFirst(behaviour), behaviour);
  }

  function first(
    memory: SimulatorMemory,
    request: PspRequest,
    verdict: Verdict,
    behaviour: Behaviour = {},
  ): Performed {
    return { answer: answer(remember(memory, request, verdict)), silent: behaviour.silence === 'executed' };
  }

  function followUp(memory: SimulatorMemory, request: PspRequest): PspAnswer {
    const original = findOriginal(memory, request);
    const behaviour = (original && behaviourOf(original.request.payment_method)) ?? {};
    const verdict = decideFollowUp(request, original, behaviour, clock.now());
    const operation = remember(memory, request, verdict);
    if ('original' in verdict && verdict.original) memory.update(verdict.original);
    if ('cancelsUnheard' in verdict) memory.markCanceled(request.original_key);
    if (verdict.outcome === 'pending') outbox.add(memory, operation, clock.now() + PENDING_REFUND_MS);
    return answer(operation);
  }

  function remember(memory: SimulatorMemory, request: PspRequest, verdict: Verdict): SimulatedOperation {
    const { outcome } = verdict;
    const nowMs = clock.now();
    const operation: SimulatedOperation = {
      request,
      reference: referenceOf(request.kind, slotOf(request.idempotency_key)),
      outcome,
      failure: verdict.outcome === 'failed' ? verdict.failure : null,
      challenge: outcome === 'requires_action' ? challengeToken(ids) : null,
      executed_at_ms: nowMs,
      settled_at_ms:
        outcome === 'requires_action' ? null : outcome === 'pending' ? nowMs + PENDING_REFUND_MS : nowMs,
      captured: request.kind === 'charge' && outcome === 'succeeded' ? request.amount : 0,
      refunded: 0,
      released: null,
    };
    memory.insert(operation);
    return operation;
  }

  return { perform, answer };
}

export function keyInUse(why: string): PspError {
  return new PspError('unknown', `The idempotency key ${why}.`);
}
