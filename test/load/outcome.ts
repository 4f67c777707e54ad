import { headerIn, type RawAnswer } from './raw-answer.ts';

export type Outcome =
  | { kind: 'accepted' }
  /** `what`: status and code. */
  | { kind: 'refused'; what: string; complete: boolean }
  | { kind: 'unanswered' };

const CODE = /"code":"([a-z_]+)"/;
const WHOLE_SECONDS = /^[1-9]\d*$/;

/** What an answer to `POST /payments` means, and whether a refusal says all that the contract promises. */
export function outcomeOf(answer: RawAnswer | null): Outcome {
  if (!answer) return { kind: 'unanswered' };
  const { status, head, body } = answer;
  if (status === 201) return { kind: 'accepted' };
  const what = `${status} ${CODE.exec(body)?.[1] ?? 'without a code'}`;
  const saysWhen = WHOLE_SECONDS.test(headerIn(head, 'Retry-After') ?? '');
  const saysLimit = headerIn(head, 'RateLimit') !== null && headerIn(head, 'RateLimit-Policy') !== null;
  return { kind: 'refused', what, complete: saysWhen && (status !== 429 || saysLimit) };
}
