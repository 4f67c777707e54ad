import type { ClientRequest } from '../observe/observation.ts';
import { nameOf } from './track.ts';

/** What makes a request the same as another one, by the contract of api.md: its ids, and what it asks. */
export interface Identity {
  /** Each of them alone names the request: the id in the body, the Idempotency-Key. */
  names: readonly string[];
  fingerprint: string;
}

/** Null for what only reads, and for what can never be repeated, as it has neither id nor key. */
export function identityOf(request: ClientRequest): Identity | null {
  const { what, key, fields } = request;
  if (what !== 'create' && what !== 'capture' && what !== 'cancel' && what !== 'refund') return null;
  const inBody = what === 'create' ? fields.payment_id : what === 'refund' ? fields.refund_id : null;
  const named = typeof inBody === 'string';
  const scope = what === 'create' ? nameOf({ ...request, payment_id: '' }) : `${nameOf(request)} ${what}`;
  const names: string[] = [];
  if (named) names.push(`${scope} id ${inBody}`);
  // A create that names its payment is known by that alone: the header is then a part of what it asks.
  if (key !== undefined && !(named && what === 'create')) names.push(`${scope} key ${key}`);
  if (names.length === 0) return null;
  return {
    names,
    fingerprint: `${canonical(fields)}${named && key !== undefined ? ` with key ${key}` : ''}`,
  };
}

/** Members in order, null as absent, the currency in lower case. */
function canonical(value: unknown, name = ''): string {
  if (name === 'currency' && typeof value === 'string') return JSON.stringify(value.toLowerCase());
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const members = Object.entries(value)
    .filter(([, member]) => member !== null && member !== undefined)
    .map(([member, inside]) => `${JSON.stringify(member)}:${canonical(inside, member)}`);
  return `{${members.sort().join()}}`;
}
