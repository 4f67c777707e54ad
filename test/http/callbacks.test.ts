import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type CallbackSigner,
  createCallbackSigner,
} from '../../src/connectors/simulator/callback-signature.ts';
import type { Answer } from './answer-rules.ts';
import { type RunningService, startService } from './service.fixture.ts';

let service: RunningService;
let signer: CallbackSigner;
let events = 0;
let paymentId: string;

beforeAll(async () => {
  service = await startService({ PSP_TIMEOUT_MS: '300' });
  signer = createCallbackSigner(await service.tool.secrets.callbackSecret('simulator'));
});
afterAll(() => service.stop());

beforeEach(async () => {
  paymentId = (await service.pay({ payment_method: 'pm_card_authenticationRequired' })).json.payment_id;
});

const nowSeconds = () => Math.floor(service.tool.clock.now() / 1_000);

/** What the simulator would say of the payment's first operation. */
function body(changes: object = {}): string {
  const data = {
    merchant_id: 'acme',
    livemode: false,
    payment_id: paymentId,
    operation_id: 'charge.1',
    ...changes,
  };
  return JSON.stringify({ type: 'operation.succeeded', data });
}

function signed(text: string, atSeconds = nowSeconds()): Record<string, string> {
  events += 1;
  return signer.sign(`evt_${events}`, atSeconds, text);
}

function post(raw: string, headers: Record<string, string>, connector = 'simulator'): Promise<Answer> {
  return service.call('POST', `/callbacks/${connector}`, { key: null, raw, headers });
}

async function expectUntouched(): Promise<void> {
  expect((await service.get(paymentId)).json).toMatchObject({ status: 'requires_action', version: 2 });
}

describe('POST /callbacks/simulator', () => {
  it('takes what is signed, and believes none of it: the look-up says that nothing has happened', async () => {
    const text = body();
    const { status, json } = await post(text, signed(text));
    expect([status, json]).toEqual([200, { received: true }]);
    expect((await service.get(paymentId)).json.status).toBe('requires_action');
  });

  it('ignores an id that it has dealt with, and answers it alike', async () => {
    const text = body();
    const headers = signed(text);
    await post(text, headers);
    const { version } = (await service.get(paymentId)).json;
    for (let n = 0; n < 3; n += 1) expect((await post(text, headers)).status).toBe(200);
    expect((await service.get(paymentId)).json.version).toBe(version);
  });

  it('takes what tells of a payment that is not here, and makes none', async () => {
    for (const changes of [
      { payment_id: 'none' },
      { operation_id: 'none' },
      { merchant_id: 'x' },
      { livemode: true },
    ]) {
      const text = body(changes);
      expect((await post(text, signed(text))).status).toBe(200);
    }
    await expectUntouched();
  });

  it('takes spaces in the body as part of what is signed', async () => {
    const text = ` ${body()}\n`;
    expect((await post(text, signed(text))).status).toBe(200);
    expect((await post(text.trim(), signed(text))).status).toBe(401);
  });
});

describe('a call-back is refused, and changes nothing', () => {
  afterEach(expectUntouched);

  it('without a signature', async () => {
    expect((await post(body(), {})).json.code).toBe('invalid_signature');
  });

  it.each(['webhook-id', 'webhook-timestamp', 'webhook-signature'])('without %s', async (name) => {
    const { [name]: _, ...headers } = signed(body());
    expect((await post(body(), headers)).status).toBe(401);
  });

  it('with another body, another id or another time than was signed', async () => {
    const text = body();
    expect((await post(body({ payment_id: 'other' }), signed(text))).status).toBe(401);
    expect((await post(text, { ...signed(text), 'webhook-id': 'evt_other' })).status).toBe(401);
    expect(
      (await post(text, { ...signed(text), 'webhook-timestamp': String(nowSeconds() - 1) })).status,
    ).toBe(401);
  });

  it('signed with another secret', async () => {
    const forger = createCallbackSigner(`whsec_${Buffer.alloc(32, 1).toString('base64')}`);
    expect((await post(body(), forger.sign('evt_forged', nowSeconds(), body()))).status).toBe(401);
  });

  it.each([-301 - 10, 301 + 10])('%i seconds off', async (offSeconds) => {
    expect((await post(body(), signed(body(), nowSeconds() + offSeconds))).status).toBe(401);
  });

  it('signed, and not what a call-back must be', async () => {
    for (const text of ['', '{', '[]', 'null', '{"data":{}}', '{"data":{"__proto__":1}}', '"\ud800"']) {
      expect((await post(text, signed(text))).status).toBe(401);
    }
  });

  it('for a connector that is not here: 404', async () => {
    for (const connector of ['stripe', 'Simulator', '__proto__', 'constructor']) {
      const { status, json } = await post(body(), signed(body()), connector);
      expect([status, json.code]).toEqual([404, 'not_found']);
    }
  });

  it('longer than 64 KB: 413', async () => {
    const text = body().padEnd(65_537);
    expect((await post(text, signed(text))).json.code).toBe('body_too_large');
  });

  it('asked for with a query, or in a representation that there is not', async () => {
    const { json } = await service.call('POST', '/callbacks/simulator?x=1', {
      key: null,
      raw: body(),
      headers: signed(body()),
    });
    expect(json.code).toBe('invalid_request');
    const accept = { ...signed(body()), Accept: 'text/html' };
    expect((await post(body(), accept)).json.code).toBe('not_acceptable');
  });
});

describe('when the look-up gives no answer', () => {
  it('is answered with 503, and taken when it is sent again', async () => {
    const slow = await startService({ PSP_TIMEOUT_MS: '50', SIMULATOR_LATENCY_MS: '60000' });
    const { json } = await slow.pay({}, { headers: { Prefer: '' } });
    const own = createCallbackSigner(await slow.tool.secrets.callbackSecret('simulator'));
    const text = body({ payment_id: json.payment_id });
    const headers = own.sign('evt_slow', nowSeconds(), text);
    for (let n = 0; n < 2; n += 1) {
      const answer = await slow.call('POST', '/callbacks/simulator', { key: null, raw: text, headers });
      expect([answer.status, answer.json.code]).toEqual([503, 'unavailable']);
    }
    await slow.stop();
  });
});
