import { createDynamoAuditHeads } from '../../src/adapters/dynamodb/dynamo-audit-heads.ts';
import { type AuditObjects, createAuditObjects } from '../../src/adapters/s3/audit-objects.ts';
import { createObjectAuditLog } from '../../src/adapters/s3/s3-audit-log.ts';
import type { AuditEntry, AuditHead, AuditHeadStore, AuditLog } from '../../src/ports/audit-log.ts';
import type { Machine } from '../engine/machine.ts';
import { TABLES } from '../models/dynamo-model.ts';
import { type AwsClients, BUCKETS } from './aws-services.ts';
import { unpack } from './aws-unpack.ts';
import type { World } from './world.ts';

/**
 * The audit log as a machine writes and reads it: the real one over the model of S3. It packs on Node's thread pool,
 * which takes real time; so from the moment that it begins to think until it asks the outside, time stands still.
 */
export function createAwsAuditLog(
  world: World,
  machine: Machine,
  clients: Pick<AwsClients, 'dynamo' | 's3'>,
  random: () => number,
): Pick<AuditLog, 'append' | 'lines' | 'verify'> {
  const { engine } = world;
  const objects = unpacked(createAuditObjects({ client: clients.s3, bucket: BUCKETS.audit }));
  const heads = createDynamoAuditHeads({ client: clients.dynamo, tableName: TABLES.control });
  const shared = { ids: { random }, logger: world.logger(machine) };
  const reader = createObjectAuditLog({ ...shared, objects, heads, timers: machine.timers });

  let think: (() => void) | null = null;
  let lastTurn: Promise<unknown> = Promise.resolve();

  function begin(): void {
    const { promise, resolve } = Promise.withResolvers<void>();
    think = resolve;
    engine.hold(promise);
  }

  function end(): void {
    think?.();
    think = null;
  }

  /** Asks the outside: as long as that takes, nobody thinks here. */
  async function outside<T>(question: Promise<T>): Promise<T> {
    end();
    try {
      return await question;
    } finally {
      begin();
    }
  }

  const thinking: { objects: AuditObjects; heads: AuditHeadStore } = {
    objects: {
      putIfAbsent: (number, bytes) => outside(objects.putIfAbsent(number, bytes)),
      get: (number) => outside(objects.get(number)),
      numbersAfter: (number, limit) => outside(objects.numbersAfter(number, limit)),
    },
    heads: {
      load: () => outside(heads.load()),
      move: (from, to) => outside(heads.move(from, to)),
    },
  };
  const log = createObjectAuditLog({
    ...shared,
    ...thinking,
    timers: { sleep: (ms) => outside(machine.timers.sleep(ms)) },
  });

  async function append(entries: readonly AuditEntry[], position: string): Promise<AuditHead> {
    begin();
    try {
      return await log.append(entries, position);
    } finally {
      end();
    }
  }

  return {
    append(entries, position) {
      // One after the other, as the log itself does it: the second must not be thinking while the first waits.
      const turn = lastTurn.then(() => append(entries, position));
      lastTurn = Promise.allSettled([turn]);
      return turn;
    },
    lines: reader.lines,
    verify: reader.verify,
  };
}

/** Gives objects as if they had been unpacked on the way, which readers take: unpacking takes real time too. */
function unpacked(objects: AuditObjects): AuditObjects {
  return {
    ...objects,
    async get(number) {
      const found = await objects.get(number);
      return typeof found === 'string' ? found : unpack(found);
    },
  };
}
