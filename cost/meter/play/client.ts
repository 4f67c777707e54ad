import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import type { AuthorizerContext } from '../../../src/lambda/authorizer-context.ts';
import { type ProxyRequest, proxyEvent } from '../../../src/lambda/events.fixture.ts';
import type { StoredKey } from '../../../src/ports/key-store.ts';
import type { LifeName, Mix } from '../../mix/mix.ts';
import type { Life } from './lives.ts';

/** What a merchant's server sends, as API Gateway hands it to the function. */
export interface Client {
  create(life: Life): APIGatewayProxyEvent;
  get(paymentId: string): APIGatewayProxyEvent;
  list(): APIGatewayProxyEvent;
  capture(paymentId: string): APIGatewayProxyEvent;
  cancel(paymentId: string): APIGatewayProxyEvent;
  refund(paymentId: string, refundId: string): APIGatewayProxyEvent;
}

interface Options {
  /** An API key, and what of it is stored. */
  key: string;
  stored: StoredKey;
  mix: Pick<Mix, 'sizes'>;
}

/** Of the simulator, by what is to become of the payment. */
const PAYMENT_METHODS: Readonly<Record<LifeName, string>> = {
  completed: 'pm_card_visa',
  declined: 'pm_card_visa_chargeDeclined',
  challenged: 'pm_card_authenticationRequired',
  captured: 'pm_card_visa',
  canceled: 'pm_card_visa',
  unknown: 'pm_sim_timeout',
};

type Headers = NonNullable<ProxyRequest['headers']>;

export function createClient({ key, stored, mix }: Options): Client {
  const context: AuthorizerContext = {
    merchantId: stored.merchant_id,
    livemode: stored.livemode ? 'true' : 'false',
    keyId: stored.key_id,
    scopes: stored.scopes.join(' '),
    overloaded: 'false',
  };
  const headers = padded(
    [
      ['Authorization', `Bearer ${key}`],
      ['Accept', 'application/json'],
      ['Accept-Encoding', 'gzip, deflate, br'],
      ['Content-Type', 'application/json'],
    ],
    mix.sizes.requestHeaderBytes,
  );

  function post(path: string, body: object): APIGatewayProxyEvent {
    return proxyEvent({ method: 'POST', path, headers, context, body: JSON.stringify(body) });
  }

  return {
    create: ({ name, paymentId, amount, description, metadata }) =>
      post('/payments', {
        payment_id: paymentId,
        amount,
        currency: 'usd',
        payment_method: PAYMENT_METHODS[name],
        ...(name === 'captured' || name === 'canceled' ? { capture_method: 'manual' } : {}),
        description,
        metadata,
      }),
    get: (paymentId) => proxyEvent({ path: `/payments/${paymentId}`, headers, context }),
    list: () => proxyEvent({ path: '/payments', query: [['limit', '10']], headers, context }),
    capture: (paymentId) => post(`/payments/${paymentId}/capture`, {}),
    cancel: (paymentId) => post(`/payments/${paymentId}/cancel`, {}),
    refund: (paymentId, refundId) => post(`/payments/${paymentId}/refunds`, { refund_id: refundId }),
  };
}

/** What clients and what is before them add: trace ids, user agents, cookies of a firewall. */
function padded(headers: Headers, bytes: number): Headers {
  const name = 'X-Client';
  const left = bytes - headerBytes(headers) - headerBytes([[name, '']]);
  return left > 0 ? [...headers, [name, 'a'.repeat(left)]] : headers;
}

/** With the colon, the space and the end of the line. */
function headerBytes(headers: Iterable<readonly [name: string, value: string]>): number {
  let bytes = 0;
  for (const [name, value] of headers) bytes += Buffer.byteLength(name) + Buffer.byteLength(value) + 4;
  return bytes;
}

/** Headers and body of an answer as a client receives them, but for what the gateway adds. */
export function answerBytes({ headers = {}, body }: APIGatewayProxyResult): number {
  const all = Object.entries(headers).map(([name, value]) => [name, String(value)] as const);
  return headerBytes(all) + Buffer.byteLength(body);
}
