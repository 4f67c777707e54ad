import type { Redriven } from '../../src/app/redrive.ts';
import type { ResolveAnswer } from '../../src/app/resolve.ts';
import type { Resolution } from '../../src/domain/resolve-operation.ts';
import type { KeyStore } from '../../src/ports/key-store.ts';
import type { DeadLetter, WorkItem } from '../../src/ports/work-queue.ts';
import type { Truth } from '../observe/observation.ts';
import type { Keyring } from './keyring.ts';
import type { Ledger } from './ledger.ts';
import type { Psp } from './psp.ts';
import type { Server } from './server.ts';

/** What an operator's command line does. Each call may fail as any other. */
export interface OperatorDesk {
  letters(): Promise<readonly DeadLetter[]>;
  resolve(item: WorkItem, given: Omit<Resolution, 'nowMs'>): Promise<ResolveAnswer>;
  redrive(letter: DeadLetter): Promise<Redriven>;
}

/** The product as it runs in one of its shapes, with everything that drives it. */
export interface Runtime {
  readonly truth: Truth;
  readonly ledger: Ledger;
  readonly psp: Psp;
  readonly keyring: Keyring;
  /** The keys as they are stored, without faults. */
  readonly keys: KeyStore;
  readonly desk: OperatorDesk;
  /** Machines that take requests, up or not. */
  readonly servers: readonly Server[];
  start(): void;
  /** Faults are over, and every machine is up: nothing that was lost may stay unseen. */
  calm(): void;
  /** What of the work is not done though nothing is planned any more; null if all is. */
  undone(): string | null;
  /** The store holds what was written to it; null if so. To be asked at the end. */
  differs(): Promise<string | null>;
  close(): Promise<void>;
}
