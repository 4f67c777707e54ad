import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ALL_SCOPES, type PaymentJson, type RunningService, startService } from '../http/service.fixture.ts';
import { comparable } from './comparable.ts';
import { documentedRoutes, pathsOf } from './documented-routes.ts';

/** Two merchants share it. */
let shared: RunningService;
/** One of them has it for itself: what it sees here, it must see there. */
let alone: RunningService;
let owner: string;

const IDS = ['a', 'b', 'c'] as const;
const OPERATION_IDS = ['charge.1', 'r1', 'capture.1'];

beforeAll(async () => {
  const settings = { RATE_LIMIT_PER_SECOND: '0' };
  [shared, alone] = await Promise.all([startService(settings), startService(settings)]);
  owner = await shared.makeKey({ merchant: 'owner' });
  await shared.pay({ payment_id: 'a', metadata: { mine: 'treasure' } }, { key: owner });
  await shared.refund('a', { refund_id: 'r1', amount: 100 }, { key: owner });
  await shared.pay({ payment_id: 'b', capture_method: 'manual' }, { key: owner });
  await shared.pay({ payment_id: 'c', payment_method: 'pm_card_authenticationRequired' }, { key: owner });
});
afterAll(async () => {
  await shared.stop();
  await alone.stop();
});

/** A merchant and mode that have nothing, with a key in both services. */
let strangers = 0;
async function makeStranger(
  merchant = `stranger-${++strangers}`,
  livemode = false,
): Promise<[string, string]> {
  const options = { merchant, livemode, scopes: ALL_SCOPES };
  return [await shared.makeKey(options), await alone.makeKey(options)];
}

describe.each([
  ['another merchant', 'stranger', false],
  ['the other mode of the same merchant', 'owner', true],
] as const)('to %s', (_, merchant, livemode) => {
  it('every documented route answers for the ids of another as for ids that are nowhere', async () => {
    const [here, nowhere] = await makeStranger(merchant, livemode);
    const asked: string[] = [];
    for (const { method, template, keyed } of documentedRoutes(shared)) {
      if (!keyed || !template.includes('{')) continue;
      for (const path of pathsOf(template, [...IDS, ...OPERATION_IDS])) {
        const answer = await shared.call(method, path, { key: here });
        expect(answer.json.code).toBe('not_found');
        expect(comparable(answer)).toBe(comparable(await alone.call(method, path, { key: nowhere })));
        asked.push(`${method} ${path}`);
      }
    }
    // A document without its routes would pass.
    expect(asked.length).toBeGreaterThan(70);
  });

  it('the cursor of another leads nowhere, and tells nothing', async () => {
    const [key] = await makeStranger(merchant, livemode);
    const { json } = await shared.call<{ next_cursor: string }>('GET', '/payments?limit=1', { key: owner });
    const theirs = await shared.call('GET', `/payments?limit=1&cursor=${json.next_cursor}`, { key });
    const garbage = await shared.call('GET', '/payments?limit=1&cursor=garbage', { key });
    expect([theirs.status, comparable(theirs)]).toEqual([400, comparable(garbage)]);
    const own = await shared.call('GET', `/payments?limit=1&cursor=${json.next_cursor}`, { key: owner });
    expect(own.status).toBe(200);
  });
});

it('after all that strangers asked, nothing of the owner has changed', async () => {
  const payments = await Promise.all(IDS.map((id) => shared.get(id, { key: owner })));
  const seen = payments.map(({ json }) => [json.status, json.version]);
  expect(seen).toEqual([
    ['completed', 4],
    ['authorized', 2],
    ['requires_action', 2],
  ]);
});

type Command =
  | { does: 'pay'; id: string; amount: number; manual: boolean; keyed: boolean }
  | { does: 'capture' | 'cancel' | 'refund' | 'get' | 'history' | 'refunds'; id: string; amount: number }
  | { does: 'list' };

const id = fc.constantFrom(...IDS);
const amount = fc.constantFrom(100, 250, 1000);
const anyCommand: fc.Arbitrary<Command> = fc.oneof(
  fc.record({
    does: fc.constant('pay' as const),
    id,
    amount,
    manual: fc.boolean(),
    keyed: fc.boolean(),
  }),
  fc.record({
    does: fc.constantFrom('capture', 'cancel', 'refund', 'get', 'history', 'refunds'),
    id,
    amount,
  }),
  fc.constant({ does: 'list' as const }),
);
/** Of the one who is watched, or of one of those beside. */
const anyTurn = fc.tuple(
  fc.constantFrom<'watched' | 'other' | 'live'>('watched', 'other', 'live'),
  anyCommand,
);

/** Does it as a client would, and answers what the client saw. */
async function ask(service: RunningService, key: string, command: Command): Promise<string> {
  switch (command.does) {
    case 'pay': {
      const headers = command.keyed
        ? { 'Idempotency-Key': 'same', Prefer: 'wait=20' }
        : { Prefer: 'wait=20' };
      const capture_method = command.manual ? 'manual' : 'automatic';
      const fields = { amount: command.amount, capture_method };
      // By the key alone: two merchants who use the same key must not get the same id.
      const named = command.keyed ? fields : { ...fields, payment_id: command.id };
      return seen(await service.pay(named, { key, headers }));
    }
    case 'capture':
    case 'cancel':
      return seen(await service.ask(command.id, command.does, {}, { key }));
    case 'refund':
      return seen(await service.refund(command.id, { refund_id: 'r1', amount: command.amount }, { key }));
    case 'get':
      return seen(await service.get(command.id, { key }));
    case 'history':
    case 'refunds':
      return seen(await service.call('GET', `/payments/${command.id}/${command.does}`, { key }));
    case 'list':
      return seen(await service.call('GET', '/payments?limit=100', { key }));
  }
}

/** Without what no two runs have in common: times, and the ids that a PSP and the keys have. */
function seen({ status, text }: { status: number; text: string }): string {
  const plain = text
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>')
    .replaceAll(/"(psp_reference|actor|request_id)":"[^"]*"/g, '"$1":"<id>"');
  return `${status} ${plain}`;
}

describe('after random operations of two merchants and of the other mode, over the same few ids', () => {
  it('a merchant sees what it would see if it were alone, and of the others nothing', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyTurn, { minLength: 8, maxLength: 24 }), async (turns) => {
        const merchant = `m-${++strangers}`;
        const [watchedHere, watchedAlone] = await makeStranger(merchant);
        const keys = {
          other: await shared.makeKey({ merchant: `${merchant}-other` }),
          live: await shared.makeKey({ merchant, livemode: true }),
        };
        for (const [who, command] of turns) {
          if (who !== 'watched') await ask(shared, keys[who], command);
          else {
            const both = [ask(shared, watchedHere, command), ask(alone, watchedAlone, command)];
            const [here, there] = await Promise.all(both);
            expect(here).toBe(there);
          }
        }
        // Whoever made nothing has nothing, whatever the others made.
        const last = await shared.makeKey({ merchant: `${merchant}-last` });
        const lists = await shared.call<{ data: PaymentJson[] }>('GET', '/payments?limit=100', { key: last });
        expect(lists.json.data).toEqual([]);
      }),
      { numRuns: 8, seed: 7 },
    );
  });
});
