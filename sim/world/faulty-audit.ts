import type { AuditLog } from '../../src/ports/audit-log.ts';
import { UnavailableError } from '../../src/ports/faults.ts';
import type { Fate, Machine } from '../engine/machine.ts';
import { DISK_FULL } from './faulty-store.ts';
import { struck, type World } from './world.ts';

const NOT_APPENDED = new UnavailableError('Simulated: nothing was appended.');
const ANSWER_LOST = new UnavailableError('Simulated: it was appended, and the answer lost.');

function fault(world: World): Fate['fails'] {
  if (world.diskIsFull) return { when: 'before', error: DISK_FULL };
  switch (struck(world.faults, ['auditFailsBefore', 'auditFailsAfter'])) {
    case 'auditFailsBefore':
      return { when: 'before', error: NOT_APPENDED };
    case 'auditFailsAfter':
      return { when: 'after', error: ANSWER_LOST };
    default:
      return undefined;
  }
}

/** The audit log as a machine meets it. */
export function createFaultyAudit(world: World, machine: Machine, log: AuditLog): AuditLog {
  return {
    append: (entries, position) =>
      machine.io(
        `append ${entries.length}`,
        world.fate(machine, fault(world)),
        () =>
          log.append(entries, position).then((head) => {
            world.see({ kind: 'audited', entries, head });
            return head;
          }),
        (head) => `${head.records} ${head.hash.slice(0, 8)}`,
      ),
    head: () => machine.io('head', world.fate(machine), () => log.head()),
    verify: (expected) => log.verify(expected),
    lines: () => log.lines(),
  };
}
