import type { SimulatorStorage } from '../../src/connectors/simulator/simulator-storage.ts';
import type { AuditLog } from '../../src/ports/audit-log.ts';
import type { ChangeFeed, ChangeSignal } from '../../src/ports/change-feed.ts';
import type { KeyStore } from '../../src/ports/key-store.ts';
import type { PaymentStore } from '../../src/ports/payment-store.ts';
import type { WorkQueue } from '../../src/ports/work-queue.ts';
import type { Truth } from '../observe/observation.ts';

/** What outlives every machine: the adapters as they are, without faults. */
export interface Durable {
  store: PaymentStore & ChangeFeed & ChangeSignal;
  queue: WorkQueue;
  keys: KeyStore;
  audit: AuditLog;
  simulator: SimulatorStorage;
  /** What of the truth no observer can know by himself. */
  truth: Pick<Truth, 'payments' | 'get' | 'queue' | 'deadLetters' | 'auditLines' | 'auditHead'>;
  /** When the next message can be received, in true time; null if there is none. */
  nextVisibleMs(): number | null;
  /** The only process has died and begins anew: what it had not brought to the disk may be lost. */
  restarted?(): void;
  close(): Promise<void>;
}
