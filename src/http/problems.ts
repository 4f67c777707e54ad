import { redact } from '../domain/forbidden-text.ts';
import type { RefusalCode } from '../domain/refusals.ts';

/** Every code that an answer may carry. Clients branch on it. */
export type ProblemCode =
  | RefusalCode
  | 'malformed_json'
  | 'invalid_request'
  | 'card_number_detected'
  | 'duplicate_header'
  | 'missing_key'
  | 'invalid_key'
  | 'invalid_signature'
  | 'insufficient_scope'
  | 'not_found'
  | 'method_not_allowed'
  | 'not_acceptable'
  | 'body_too_large'
  | 'unsupported_media_type'
  | 'idempotency_mismatch'
  | 'rate_limited'
  | 'overloaded'
  | 'unavailable'
  | 'internal_error';

/** Exhaustive by type: a code without a status does not compile. */
export const PROBLEMS = {
  malformed_json: [400, 'The body is not valid JSON'],
  invalid_request: [400, 'The request is not valid'],
  card_number_detected: [400, 'Card numbers are not accepted here'],
  duplicate_header: [400, 'A header was sent more than once'],
  missing_key: [401, 'No API key was given'],
  invalid_key: [401, 'The API key is not valid'],
  invalid_signature: [401, 'The call-back is not signed as it should be'],
  insufficient_scope: [403, 'The API key does not allow this'],
  not_found: [404, 'There is nothing here'],
  method_not_allowed: [405, 'This method is not allowed here'],
  not_acceptable: [406, 'No acceptable representation'],
  payment_not_capturable: [409, 'The payment cannot be captured'],
  payment_not_cancelable: [409, 'The payment cannot be canceled'],
  payment_not_refundable: [409, 'The payment cannot be refunded'],
  capture_exceeds_authorized: [409, 'The capture exceeds what is authorized'],
  refund_exceeds_captured: [409, 'The refund exceeds what is left to refund'],
  operation_in_progress: [409, 'Another operation is in progress'],
  too_many_operations: [409, 'The payment has too many operations'],
  body_too_large: [413, 'The body is too large'],
  unsupported_media_type: [415, 'The media type is not supported'],
  idempotency_mismatch: [422, 'The idempotency key was used with another request'],
  rate_limited: [429, 'Too many requests'],
  internal_error: [500, 'Something went wrong here'],
  overloaded: [503, 'Too much work is waiting'],
  unavailable: [503, 'Temporarily unavailable'],
} as const satisfies Record<ProblemCode, readonly [status: number, title: string]>;

export interface InvalidField {
  /** JSON pointer into the body (RFC 6901), or `?name` for a query parameter. */
  pointer: string;
  detail: string;
}

export interface Problem {
  code: ProblemCode;
  /** What was received and what to do. Runs of 13 digits and more, and secrets of keys, are taken out before it leaves. */
  detail: string;
  errors?: InvalidField[];
  payment_id?: string;
  headers?: Record<string, string>;
}

export function problem(
  code: ProblemCode,
  detail: string,
  rest: Omit<Problem, 'code' | 'detail'> = {},
): Problem {
  return { code, detail, ...rest };
}

/** RFC 9457 problem details, as JSON text. */
export function renderProblem({ code, detail, errors, payment_id }: Problem, requestId: string): string {
  const [status, title] = PROBLEMS[code];
  return JSON.stringify({
    type: `/docs#${code}`,
    title,
    status,
    detail: redact(detail),
    code,
    request_id: requestId,
    ...(errors && {
      errors: errors.map((field) => ({
        pointer: redact(field.pointer),
        detail: redact(field.detail),
      })),
    }),
    ...(payment_id !== undefined && { payment_id }),
  });
}
