/** How long the values of an access log are, in bytes; what is not named here counts as a word. */
const VALUE_BYTES: Readonly<Record<string, number>> = {
  requestId: 36,
  extendedRequestId: 16,
  xrayTraceId: 35,
  requestTime: 26,
  requestTimeEpoch: 13,
  'identity.sourceIp': 13,
  httpMethod: 4,
  resourcePath: 12,
  status: 3,
  'error.responseType': 1,
  'waf.status': 3,
  'authorizer.merchantId': 12,
  'authorizer.keyId': 16,
  responseLatency: 2,
  integrationLatency: 2,
  'integration.status': 3,
  responseLength: 3,
};
const WORD_BYTES = 12;
/** CloudWatch counts so much more for each event. */
const EVENT_BYTES = 26;

/** Bytes of one line, given the format with `$context.…` in it. */
export function accessLogBytes(format: string): number {
  const written = format.replaceAll(/\$context\.([A-Za-z.]*[A-Za-z])/g, (_, name: string) =>
    'x'.repeat(VALUE_BYTES[name] ?? WORD_BYTES),
  );
  return Buffer.byteLength(written) + EVENT_BYTES;
}
