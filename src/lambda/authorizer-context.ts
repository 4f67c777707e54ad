import type { Principal } from '../app/authenticate.ts';
import type { Scope } from '../ports/key-store.ts';

/** What the authorizer passes on to the function; API Gateway carries nothing but text, numbers and booleans. */
export interface AuthorizerContext {
  merchantId: string;
  livemode: 'true' | 'false';
  keyId: string;
  /** With spaces between them. */
  scopes: string;
  /** Whether the backlog was above its limit when the key was looked at. */
  overloaded: 'true' | 'false';
}

export function toContext(principal: Principal, overloaded: boolean): AuthorizerContext {
  return {
    merchantId: principal.merchant_id,
    livemode: principal.livemode ? 'true' : 'false',
    keyId: principal.key_id,
    scopes: principal.scopes.join(' '),
    overloaded: overloaded ? 'true' : 'false',
  };
}

/** Who asks, as the authorizer found; undefined on routes that have none. */
export function principalOf(context: Partial<AuthorizerContext> | null | undefined): Principal | undefined {
  if (!context?.keyId || !context.merchantId) return undefined;
  return {
    merchant_id: context.merchantId,
    livemode: context.livemode === 'true',
    key_id: context.keyId,
    scopes: (context.scopes ?? '').split(' ').filter((scope) => scope !== '') as Scope[],
  };
}
