import type { KeyStore } from '../../src/ports/key-store.ts';
import type { DeadLetter } from '../../src/ports/work-queue.ts';
import { createFaultyKeys } from './faulty-keys.ts';
import { expectFault } from './part.ts';
import type { Runtime } from './runtime.ts';
import type { World } from './world.ts';

/** The person who runs the service: rolls keys over, and settles what no PSP has settled. */
export interface Operator {
  /** Sees to every dead letter that there is. Once the life is calm. */
  seeToLetters(): void;
  /** A new key for a merchant, and later the end of the old ones. */
  rollOver(merchantId: string, keys: KeyStore): void;
}

/** Of dead letters, so many are sent again first. */
const REDRIVES = 0.3;
const OVERLAP_MS = [1_000, 60_000, 3_600_000];
const TRIES = 8;
const PAUSE_MS = 5_000;

export function createOperator(world: World, runtime: Runtime): Operator {
  const machine = world.machine('operator');
  const chance = world.random.fork('operator');
  const { desk, psp, keyring } = runtime;

  async function seeTo(letter: DeadLetter): Promise<void> {
    const { item } = letter;
    if (chance.chance(REDRIVES)) {
      world.count(`redrive:${await desk.redrive(letter)}`);
      return;
    }
    const held = psp.find(item, item.operation_id);
    const outcome = held?.outcome ?? 'never heard of';
    const isPending = held?.outcome === 'pending' && (held.settled_at_ms ?? 0) <= world.engine.nowMs();
    const isDone = isPending || (outcome === 'succeeded' && held?.request.kind !== 'authorize');
    const as = isDone || isLiveHold(letter) ? 'succeeded' : 'failed';
    const answer = await desk.resolve(item, { as, reason: `the PSP says: ${outcome}` });
    if (!answer.ok) {
      world.count('resolve:refused');
      await desk.redrive(letter);
      return;
    }
    const { operation_id } = item;
    world.count(`resolve:${as}`);
    world.see({ kind: 'resolved', ref: item, operation_id, as, truth: outcome });
  }

  /** An authorize that the PSP did and we never heard of, and not one whose hold cannot be voided. */
  function isLiveHold({ item }: DeadLetter): boolean {
    const held = psp.find(item, item.operation_id);
    if (held?.request.kind !== 'authorize' || held.outcome !== 'succeeded') return false;
    const ours = runtime.ledger.get(item)?.operations.find(({ id }) => id === item.operation_id);
    return ours !== undefined && ours.outcome !== 'succeeded';
  }

  async function persist(what: () => Promise<unknown>): Promise<boolean> {
    for (let tries = 1; tries <= TRIES; tries += 1) {
      try {
        await what();
        return true;
      } catch (error) {
        expectFault(world, error);
        await machine.timers.sleep(PAUSE_MS);
      }
    }
    return false;
  }

  async function seeToAll(): Promise<void> {
    for (const letter of await desk.letters()) await seeTo(letter);
  }

  return {
    seeToLetters() {
      machine.after(PAUSE_MS, 'sees to dead letters', () => {
        persist(seeToAll).catch(world.fail);
        return undefined;
      });
    },

    rollOver(merchantId, durableKeys) {
      const keys = createFaultyKeys(world, machine, durableKeys);
      const roll = async () => {
        const isIssued = await persist(() => keyring.issue(keys, merchantId, null));
        await machine.timers.sleep(chance.int(chance.pick(OVERLAP_MS)));
        if (isIssued) await persist(() => keyring.revokeOld(keys, merchantId));
        world.count('keyRollOver');
      };
      roll().catch(world.fail);
    },
  };
}
