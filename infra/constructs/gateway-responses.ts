import { GatewayResponse, type IRestApi, ResponseType } from 'aws-cdk-lib/aws-apigateway';
import type { Construct } from 'constructs';

/** The refusals that the gateway gives in the application's stead: status and title are those of the application. */
export const GATEWAY_PROBLEMS = {
  invalid_request: [400, 'The request is not valid'],
  missing_key: [401, 'No API key was given'],
  invalid_key: [401, 'The API key is not valid'],
  not_found: [404, 'There is nothing here'],
  body_too_large: [413, 'The body is too large'],
  unsupported_media_type: [415, 'The media type is not supported'],
  rate_limited: [429, 'Too many requests'],
  unavailable: [503, 'Temporarily unavailable'],
} as const satisfies Record<string, readonly [status: number, title: string]>;

type GatewayCode = keyof typeof GATEWAY_PROBLEMS;

interface Refusal {
  readonly type: ResponseType;
  readonly code: GatewayCode;
  /** What to do. Nothing of the request is repeated: the gateway has scanned it for no card number. */
  readonly detail: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const CHALLENGE = { 'WWW-Authenticate': 'Bearer realm="tollgate"' };
/** In seconds. */
const RETRY_AFTER = { 'Retry-After': '1' };

const ASK_AGAIN =
  'The service cannot answer this now. If you sent an id or an Idempotency-Key, the same request asked again tells.';
const NO_SUCH_PATH = 'There is no such path here. The contract is at /openapi.json and /docs.';

/**
 * Whatever fails behind the gateway, from a function without a free execution to one that died, is `unavailable`: it
 * may have happened or not, and asking again with the same key tells.
 */
const REFUSALS: readonly Refusal[] = [
  {
    type: ResponseType.UNAUTHORIZED,
    code: 'missing_key',
    detail: 'Send "Authorization: Bearer <api key>". Keys are made with: tollgate keys create.',
    headers: CHALLENGE,
  },
  {
    type: ResponseType.ACCESS_DENIED,
    code: 'invalid_key',
    detail: 'This API key is unknown, revoked, expired or mistyped. Check it, or make another.',
    headers: CHALLENGE,
  },
  { type: ResponseType.AUTHORIZER_FAILURE, code: 'unavailable', detail: ASK_AGAIN, headers: RETRY_AFTER },
  {
    type: ResponseType.AUTHORIZER_CONFIGURATION_ERROR,
    code: 'unavailable',
    detail: ASK_AGAIN,
    headers: RETRY_AFTER,
  },
  { type: ResponseType.INTEGRATION_FAILURE, code: 'unavailable', detail: ASK_AGAIN, headers: RETRY_AFTER },
  { type: ResponseType.INTEGRATION_TIMEOUT, code: 'unavailable', detail: ASK_AGAIN, headers: RETRY_AFTER },
  {
    type: ResponseType.THROTTLED,
    code: 'rate_limited',
    detail: 'Too many requests. Try again in 1 s, and slow down.',
    headers: RETRY_AFTER,
  },
  {
    type: ResponseType.QUOTA_EXCEEDED,
    code: 'rate_limited',
    detail: 'Too many requests. Try again in 1 s, and slow down.',
    headers: RETRY_AFTER,
  },
  {
    type: ResponseType.REQUEST_TOO_LARGE,
    code: 'body_too_large',
    detail: 'The body is longer than the gateway takes. Send less.',
  },
  {
    type: ResponseType.UNSUPPORTED_MEDIA_TYPE,
    code: 'unsupported_media_type',
    detail: 'Send "Content-Type: application/json".',
  },
  { type: ResponseType.RESOURCE_NOT_FOUND, code: 'not_found', detail: NO_SUCH_PATH },
  // What the gateway takes for an AWS signature that is missing or wrong is a path that it does not have.
  { type: ResponseType.MISSING_AUTHENTICATION_TOKEN, code: 'not_found', detail: NO_SUCH_PATH },
  { type: ResponseType.INVALID_SIGNATURE, code: 'not_found', detail: NO_SUCH_PATH },
  {
    // The contract has no code for 403 that would say this, and clients branch on codes.
    type: ResponseType.WAF_FILTERED,
    code: 'invalid_request',
    detail:
      'The firewall refused this request. Send a User-Agent, and no markup, SQL or shell text in any field; ' +
      'it also refuses addresses of bad repute.',
  },
  {
    type: ResponseType.DEFAULT_4XX,
    code: 'invalid_request',
    detail: 'The gateway cannot read this request. Compare it with the contract at /openapi.json and /docs.',
  },
  { type: ResponseType.DEFAULT_5XX, code: 'unavailable', detail: ASK_AGAIN, headers: RETRY_AFTER },
];

/** RFC 9457 problem details. The gateway puts the request's id in; it knows no other substitution than `$context`. */
function template({ code, detail }: Refusal): string {
  const [status, title] = GATEWAY_PROBLEMS[code];
  const type = `/docs#${code}`;
  return JSON.stringify({ type, title, status, detail, code, request_id: '$context.requestId' });
}

function asStatic(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, `'${value}'`]));
}

/** Answers of the gateway itself in the form of all others: clients branch on `code`, whoever refuses. */
export function addGatewayResponses(scope: Construct, restApi: IRestApi): void {
  for (const refusal of REFUSALS) {
    new GatewayResponse(scope, refusal.type.responseType, {
      restApi,
      type: refusal.type,
      statusCode: String(GATEWAY_PROBLEMS[refusal.code][0]),
      responseHeaders: {
        'Request-Id': 'context.requestId',
        ...asStatic({
          // The gateway picks a template by this name only; the header says what it is.
          'Content-Type': 'application/problem+json',
          'Cache-Control': 'no-store',
          'X-Content-Type-Options': 'nosniff',
          ...refusal.headers,
        }),
      },
      templates: { 'application/json': template(refusal) },
    });
  }
}
