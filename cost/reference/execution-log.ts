import type { Mix } from '../mix/mix.ts';
import { LOG_EVENT_BYTES } from '../model/stated.ts';
import { texts } from './design.ts';

/** API Gateway cuts each event of its execution log here (guide, "Execution logging for REST APIs"). */
const EVENT_BYTES = 1_024;
/** `(<request id>) ` before each event. */
const PREFIX_BYTES = 39;
/** The gateway's own: forwarding, trace id, host. */
const ADDED_HEADER_BYTES = 150;

/**
 * What the gateway writes of one request at level INFO with data trace, event by event, in bytes. Texts as they stand
 * in published logs; only sizes matter here. The two long ones are cut: a session token alone, and the event that a
 * proxy integration sends, are each beyond the limit.
 */
export function executionLog(mix: Mix, kind: 'create' | 'read'): ReadonlyMap<string, number> {
  const { requestBody, responseBody } = texts(mix);
  const body = kind === 'create' ? requestBody : '';
  const events: readonly (readonly [text: string, moreBytes: number])[] = [
    ['Extended Request Id: ', 16],
    ['Verifying Usage Plan for request: . API Key:  API Stage: /prod', 46],
    ["API Key  authorized because method 'POST /payments' does not require API Key. Request will not", 0],
    ['Usage Plan check succeeded for API Key  and API Stage /prod', 10],
    ['Starting execution for request: ', 36],
    ['HTTP Method: POST, Resource Path: /payments', 0],
    ['Method request path: {}', 0],
    ['Method request query string: {}', 0],
    ['Method request headers: {}', mix.sizes.requestHeaderBytes + ADDED_HEADER_BYTES],
    ['Method request body before transformations: ', body.length],
    ['Endpoint request URI: ', 130],
    ['Endpoint request headers: ', EVENT_BYTES],
    ['Endpoint request body after transformations: ', EVENT_BYTES],
    ['Sending request to ', 130],
    ['Received response. Status: 200, Integration latency: 60 ms', 0],
    ['Endpoint response headers: {}', 300],
    ['Endpoint response body before transformations: {"statusCode": 200, "body": ""}', responseBody.length],
    ['Method response body after transformations: ', responseBody.length],
    ['Method response headers: {X-Amzn-Trace-Id=}', 40],
    ['Successfully completed execution', 0],
    ['Method completed with status: 200', 0],
    ['AWS Integration Endpoint RequestId : ', 36],
  ];
  return new Map(
    events.map(([text, more]) => [text, Math.min(EVENT_BYTES, PREFIX_BYTES + text.length + more)]),
  );
}

/** Bytes of one request in the execution log, with what CloudWatch adds to each event. */
export function executionLogBytes(mix: Mix, kind: 'create' | 'read'): number {
  return [...executionLog(mix, kind).values()].reduce((sum, bytes) => sum + bytes + LOG_EVENT_BYTES, 0);
}

/** START, END and REPORT, which Lambda writes for each invocation as text. */
export const PLATFORM_LINE_BYTES = 71 + 52 + 143 + 3 * LOG_EVENT_BYTES;
/** `Processed payment <id>`, which the event handler prints for each. */
export const HANDLER_LINE_BYTES = 18 + LOG_EVENT_BYTES;
