import { CHALLENGE_PATH } from '../../src/connectors/simulator/challenge-page.ts';
import type { Simulator } from '../../src/connectors/simulator/simulator.ts';
import type { SimulatedOperation } from '../../src/connectors/simulator/simulator-storage.ts';
import { CHALLENGE_TTL_MS } from '../../src/domain/limits.ts';
import type { Machine } from '../engine/machine.ts';
import type { PspWatch } from './psp-storage.ts';
import type { World } from './world.ts';

interface Deps {
  operation: SimulatedOperation;
  watch: PspWatch;
  simulator: Pick<Simulator, 'handlePage'>;
  /** The PSP took the money though it had confirmed the cancel. */
  onContradiction: (operation: SimulatedOperation) => void;
}

/** Until a customer has decided: at once, after a while, and just before or after it is too late. */
const DECIDES_WITHIN_MS = [2_000, 60_000, 600_000, CHALLENGE_TTL_MS, CHALLENGE_TTL_MS + 3_600_000];
/** So many never do; so many change their mind, or press twice. */
const NEVER = 0.2;
const AGAIN = 0.2;
const ACCEPTS = 0.7;

/** The customer before the challenge page, who accepts, refuses, does both, or goes away. */
export function planCustomer(world: World, psp: Machine, deps: Deps): void {
  const { operation } = deps;
  const chance = world.random.fork(`customer ${operation.request.idempotency_key}`);
  if (chance.chance(NEVER)) return;
  const decide = (withinMs: number) => {
    const decision = chance.chance(ACCEPTS) ? 'accept' : 'refuse';
    psp.after(chance.int(withinMs), `customer ${decision}s`, () => {
      press(world, decision, deps).catch(world.fail);
      return operation.request.payment_id;
    });
  };
  const withinMs = chance.pick(DECIDES_WITHIN_MS);
  decide(withinMs);
  if (chance.chance(AGAIN)) decide(withinMs);
}

async function press(world: World, decision: string, deps: Deps): Promise<void> {
  const { operation, watch, simulator, onContradiction } = deps;
  const { idempotency_key: key } = operation.request;
  const now = watch.operations.get(key) as SimulatedOperation;
  const isCanceled = now.outcome === 'requires_action' && now.released === 'canceled';
  if (isCanceled && decision === 'accept' && world.faults.strikes('pspContradicts')) {
    // Two of its machines did not know of each other: the cancel was confirmed, and the page is open all the same.
    await watch.storage.within(key, (memory) => memory.update({ ...now, released: null }));
    onContradiction(now);
  }
  const response = await simulator.handlePage({
    url: `https://psp.test${CHALLENGE_PATH}${operation.challenge}`,
    method: 'POST',
    body: [Buffer.from(`decision=${decision}`)],
  } as unknown as Request);
  world.count(`customer:${response.status}`);
}
