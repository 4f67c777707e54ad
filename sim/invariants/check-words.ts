import type { ClientAnswer, ClientRequest } from '../observe/observation.ts';
import { MERCHANTS } from '../world/payment-plan.ts';
import { demand } from './demand.ts';

/**
 * Invariants 10 and 11 on every text that leaves: what must not be in it is recognisable. Ids and words of a merchant
 * begin with its name and a dash; whatever only it and its customer may see carries `canary_`.
 */
const MERCHANT = new RegExp(`(?<![a-z])(?:${MERCHANTS.join('|')})(?=-)`, 'g');
const DIGITS = /(?<![A-Za-z0-9_.-])[2-6]\d{3}(?:[ -]?\d){9,15}(?![A-Za-z0-9_-])/g;

/** A line of the log or the audit log, a message of the queue. */
export function checkText(where: string, text: string): void {
  demand(11, !text.includes('canary_'), () => `${where} carries what only the merchant may see: ${text}`);
  demand(
    11,
    !text.includes('tg_test_') && !text.includes('tg_live_'),
    () => `${where} carries a key: ${text}`,
  );
  demand(11, !text.includes('whsec_'), () => `${where} carries the secret of call-backs: ${text}`);
  for (const [digits] of text.matchAll(DIGITS)) {
    demand(11, !isLuhn(digits), () => `${where} carries what may be a card number: ${text}`);
  }
}

/** A line of the log is about one merchant at the most. */
export function checkLogLine(line: string): void {
  checkText('a log line', line);
  const merchants = new Set(line.match(MERCHANT));
  demand(10, merchants.size <= 1, () => `a log line names ${[...merchants].join(' and ')}: ${line}`);
}

/** Nothing that an answer says is another merchant's. */
export function checkAnswerWords(request: ClientRequest, answer: ClientAnswer): void {
  const text = JSON.stringify(answer.body ?? null);
  for (const merchant of new Set(text.match(MERCHANT))) {
    demand(
      10,
      merchant === request.merchant_id,
      () => `${request.merchant_id} was answered with ${merchant}: ${text}`,
    );
  }
}

function isLuhn(text: string): boolean {
  const digits = text.replace(/\D/g, '');
  let sum = 0;
  for (let place = 0; place < digits.length; place += 1) {
    const digit = Number(digits[digits.length - 1 - place]);
    const doubled = place % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}
