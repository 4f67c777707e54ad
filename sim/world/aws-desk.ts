import { scanPayments } from '../../src/adapters/dynamodb/dynamo-payment-scan.ts';
import { createFillAudit, isComplete } from '../../src/app/fill-audit.ts';
import { createRedrive } from '../../src/app/redrive.ts';
import { createResolve } from '../../src/app/resolve.ts';
import type { Machine } from '../engine/machine.ts';
import { InvariantBroken } from '../observe/observation.ts';
import { createAwsAuditLog } from './aws-audit-log.ts';
import { type AwsDeps, partsOf } from './aws-functions.ts';
import type { OperatorDesk } from './runtime.ts';

export interface AwsDesk extends OperatorDesk {
  /** Holds the audit log against the payments, and writes what it lacks: `audit fill` of the command line. */
  fillAudit(): Promise<void>;
}

const MAX_LETTERS = 100;

/** The command line of a person, beside the deployment. */
export function createAwsDesk(deps: AwsDeps, machine: Machine): AwsDesk {
  const { world } = deps;
  const { store, queue, clients, table, clock, ids } = partsOf(deps, machine);
  const log = createAwsAuditLog(world, machine, clients, ids.random);
  const fill = createFillAudit({ log, payments: () => scanPayments(table), clock });

  return {
    letters: () => queue.deadLetters(MAX_LETTERS),
    resolve: (item, given) => createResolve({ store, queue, clock })(item, item.operation_id, given),
    redrive: createRedrive({ store, queue }),
    async fillAudit() {
      const found = await fill({ write: true, youngToo: false });
      if (found.written > 0) world.count('auditFilled');
      const { lost, ahead } = found;
      if (lost + ahead > 0)
        throw new InvariantBroken(9, `the audit log is ahead of ${ahead} changes, and ${lost} are lost`);
      const again = await fill({ write: false, youngToo: false });
      if (!isComplete(again))
        throw new InvariantBroken(9, `${again.missing} changes are missing after a fill`);
    },
  };
}
