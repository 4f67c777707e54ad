import { formatMoney } from '../../domain/money.ts';
import type { Clock } from '../../ports/clock.ts';
import { challengeExpiresAtMs } from './answer-of.ts';
import type { CallbackOutbox } from './callback-outbox.ts';
import { isChallengeToken } from './challenge-token.ts';
import { type Decision, readDecision } from './decision-form.ts';
import { escapeHtml, message, PAGE_HEADERS, page } from './page-html.ts';
import { failure } from './payment-methods.ts';
import type { DueEvent, SimulatedOperation, SimulatorMemory, SimulatorStorage } from './simulator-storage.ts';

/** Below the base URL; the token follows. */
export const CHALLENGE_PATH = '/simulator/challenges/';

export interface ChallengePageDeps {
  storage: Pick<SimulatorStorage, 'within' | 'groupOfChallenge'>;
  clock: Clock;
  outbox: CallbackOutbox;
}

const REFUSED = failure(
  'authentication_failed',
  'try_again_later',
  'The customer refused the challenge, or did not pass it.',
);

/** Where the customer of `pm_card_authenticationRequired` accepts or refuses, as a bank's page would ask. */
export function createChallengePage({ storage, clock, outbox }: ChallengePageDeps) {
  function isOpen(operation: SimulatedOperation): boolean {
    if (operation.outcome !== 'requires_action' || operation.released) return false;
    return clock.now() < challengeExpiresAtMs(operation);
  }

  /** The operation that a page is about is the first of its payment, whose key is the group's name. */
  function challenged(memory: SimulatorMemory, group: string, token: string): SimulatedOperation | null {
    const operation = memory.find(group);
    return operation?.challenge === token ? operation : null;
  }

  function settle(memory: SimulatorMemory, operation: SimulatedOperation, decision: Decision): DueEvent {
    const captured = operation.request.kind === 'charge' ? operation.request.amount : 0;
    const settled: SimulatedOperation = {
      ...operation,
      settled_at_ms: clock.now(),
      ...(decision === 'accept'
        ? { outcome: 'succeeded', captured }
        : { outcome: 'failed', failure: REFUSED }),
    };
    memory.update(settled);
    return outbox.addPrompt(memory, settled);
  }

  /** The event to send, null if the same was decided before; or why nothing can be decided. */
  function take(decision: Decision, operation: SimulatedOperation | null, memory: SimulatorMemory): Taken {
    if (!operation) return 'unknown';
    const { return_url } = operation.request;
    if (isOpen(operation)) return { return_url, due: settle(memory, operation, decision) };
    const same = operation.outcome === (decision === 'accept' ? 'succeeded' : 'failed');
    return same ? { return_url, due: null } : 'gone';
  }

  async function decide(group: string, token: string, request: Request): Promise<Response> {
    const decision = await readDecision(request);
    if (decision === 'too_large')
      return message(413, 'Too much was sent', 'Go back, and use one of the two buttons.');
    if (decision === 'invalid')
      return message(400, 'No decision was sent', 'Go back, and use one of the two buttons.');
    // Only now, as others may have decided while the form was being read.
    const taken = await storage.within(group, (memory) =>
      take(decision, challenged(memory, group, token), memory),
    );
    if (taken === 'unknown') return unknown();
    if (taken === 'gone') return gone();
    if (taken.due) await outbox.sendPromptly(taken.due);
    return goBack(taken.return_url, decision);
  }

  return async function handlePage(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    const token = pathname.slice(pathname.lastIndexOf('/') + 1);
    if (!pathname.endsWith(CHALLENGE_PATH + token) || !isChallengeToken(token)) return unknown();
    const group = await storage.groupOfChallenge(token);
    if (group === undefined) return unknown();
    if (request.method === 'POST') return decide(group, token, request);
    const operation = await storage.within(group, (memory) => challenged(memory, group, token));
    if (!operation) return unknown();
    if (request.method !== 'GET' && request.method !== 'HEAD') return notAllowed();
    return isOpen(operation) ? question(operation) : gone();
  };
}

type Taken = { return_url: string | null; due: DueEvent | null } | 'unknown' | 'gone';

function question({ request }: SimulatedOperation): Response {
  const amount = escapeHtml(formatMoney(request.amount, request.currency));
  const text = `Merchant <strong>${escapeHtml(request.merchant_id)}</strong> asks for <strong>${amount}</strong>
for payment <strong>${escapeHtml(request.payment_id)}</strong>. This is a test: no money moves.`;
  const body = `<p>${text}</p>
<form method="post">
<button id="accept" name="decision" value="accept">Accept</button>
<button id="refuse" name="decision" value="refuse">Refuse</button>
</form>`;
  return page(200, 'Confirm your payment', body);
}

function goBack(returnUrl: string | null, decision: Decision): Response {
  const location = returnUrl === null ? null : asHeader(returnUrl);
  if (location !== null) return new Response(null, { status: 303, headers: { ...PAGE_HEADERS, location } });
  const title = decision === 'accept' ? 'Payment accepted' : 'Payment refused';
  return message(200, title, 'You can close this page.');
}

/** Exactly as given, unless it has characters that no header may carry. */
function asHeader(returnUrl: string): string | null {
  if (/^[\x21-\x7e]+$/.test(returnUrl)) return returnUrl;
  return URL.canParse(returnUrl) ? new URL(returnUrl).href : null;
}

function unknown(): Response {
  return message(404, 'There is no such page', 'Check the address, or go back to the shop and try again.');
}

function gone(): Response {
  return message(
    410,
    'This page is no longer in use',
    'The payment was decided or canceled, or the time for it has run out. Go back to the shop to see how it stands.',
  );
}

function notAllowed(): Response {
  const response = message(405, 'This cannot be done here', 'Open the page, and use one of the two buttons.');
  response.headers.set('allow', 'GET, HEAD, POST');
  return response;
}
