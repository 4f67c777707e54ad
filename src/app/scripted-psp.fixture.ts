import type { PspAnswer } from '../domain/answer.ts';
import type { Connector, PspEvent, PspRequest } from '../ports/connector.ts';
import { PspError } from '../ports/faults.ts';

/** What the PSP does when it is asked: answers (null: a look-up finds nothing), throws, or never answers. */
export type Reply =
  | PspAnswer
  | null
  | Error
  | 'silence'
  | ((request: PspRequest, signal: AbortSignal) => Promise<PspAnswer | null>);

export interface Asked {
  call: 'execute' | 'lookup';
  request: PspRequest;
}

/** A PSP that does what it is told to, and remembers what it was asked. */
export interface ScriptedPsp extends Connector {
  asked: Asked[];
  /** The kinds of calls, in order: what most tests are about. */
  calls(): string[];
  /** Replies from now on; the last one of a list repeats. */
  will(replies: { execute?: readonly Reply[]; lookup?: readonly Reply[] }): void;
}

export const SUCCEEDS: PspAnswer = { outcome: 'succeeded', psp_reference: 'ref_1' };
export const FAILS: PspAnswer = {
  outcome: 'failed',
  psp_reference: 'ref_1',
  failure: { code: 'card_declined', decline_code: null, advice: null, message: 'Declined.' },
};
export const PENDS: PspAnswer = { outcome: 'pending', psp_reference: 'ref_1' };

/** Certainly nothing happened. */
export const DOWN = new PspError('not_executed', 'The PSP is down.');
/** Certainly nothing happened, and it never will. */
export const REFUSES = new PspError('not_executed', 'The PSP does not take this.', false);
/** Money may have moved. */
export const NO_ANSWER = new PspError('unknown', 'The connection was lost.');
export const KEY_IN_USE = new PspError('unknown', 'The idempotency key is in use.');

export function createScriptedPsp({ name = 'scripted' } = {}): ScriptedPsp {
  const script = { execute: [SUCCEEDS] as Reply[], lookup: [null] as Reply[] };
  const asked: Asked[] = [];

  async function reply(call: Asked['call'], request: PspRequest, signal: AbortSignal) {
    asked.push({ call, request });
    const replies = script[call];
    const next = (replies.length > 1 ? replies.shift() : replies[0]) as Reply;
    if (next instanceof Error) throw next;
    if (next === 'silence') return new Promise<never>(() => undefined);
    return typeof next === 'function' ? next(request, signal) : next;
  }

  return {
    name,
    defaultPaymentMethod: 'pm_scripted',
    accepts: (livemode) => !livemode,
    asked,
    calls: () => asked.map(({ call }) => call),
    will({ execute, lookup }) {
      if (execute) script.execute = [...execute];
      if (lookup) script.lookup = [...lookup];
    },
    execute: (request, signal) => reply('execute', request, signal) as Promise<PspAnswer>,
    lookup: (request, signal) => reply('lookup', request, signal),
    openCallback: ({ headers, body }) =>
      headers.signature === 'good' ? (JSON.parse(Buffer.from(body).toString()) as PspEvent) : null,
    async *report() {},
  };
}
