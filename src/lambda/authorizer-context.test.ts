import { expect, it } from 'vitest';
import type { Principal } from '../app/authenticate.ts';
import { principalOf, toContext } from './authorizer-context.ts';
import { proxyEvent } from './events.fixture.ts';

const principal: Principal = {
  merchant_id: 'm_1',
  livemode: true,
  key_id: 'k1',
  scopes: ['payments:read', 'refunds:write'],
};

it('gives the function whom the authorizer found, through what the gateway makes of it', () => {
  const context = toContext(principal, true);
  expect(Object.values(context).every((value) => typeof value === 'string')).toBe(true);
  expect(principalOf(proxyEvent({ context }).requestContext.authorizer)).toEqual(principal);
});

it('gives test mode for test mode', () => {
  expect(principalOf(toContext({ ...principal, livemode: false }, false))).toMatchObject({ livemode: false });
});

it('gives nobody on a route without an authorizer', () => {
  for (const context of [undefined, null, {}, proxyEvent().requestContext.authorizer])
    expect(principalOf(context)).toBeUndefined();
});

it.each(['keyId', 'merchantId'] as const)('gives nobody without a %s', (name) => {
  expect(principalOf({ ...toContext(principal, false), [name]: '' })).toBeUndefined();
});

it('gives no scope, and test mode, where nothing else is said', () => {
  expect(principalOf({ merchantId: 'm_1', keyId: 'k1' })).toEqual({
    merchant_id: 'm_1',
    livemode: false,
    key_id: 'k1',
    scopes: [],
  });
  const { scopes } = principalOf({ ...toContext({ ...principal, scopes: [] }, false) }) as Principal;
  expect(scopes).toEqual([]);
});
