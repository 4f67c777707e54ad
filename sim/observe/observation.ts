import type { SimulatedOperation } from '../../src/connectors/simulator/simulator-storage.ts';
import type { PspAnswer } from '../../src/domain/answer.ts';
import type { Payment, PaymentRef } from '../../src/domain/payment.ts';
import type { AuditEntry, AuditHead } from '../../src/ports/audit-log.ts';
import type { PspRequest } from '../../src/ports/connector.ts';
import type { DeadLetter, WorkItem } from '../../src/ports/work-queue.ts';

/** What a client sends, as the HTTP edge would understand it. */
export interface ClientRequest extends PaymentRef {
  what: 'create' | 'get' | 'history' | 'list' | 'capture' | 'cancel' | 'refund' | 'refunds';
  /** Empty where the client names none: then it follows from the key, or from chance. */
  payment_id: string;
  /** The Idempotency-Key header. */
  key?: string;
  /** The body; of a list, the query. */
  fields: Readonly<Record<string, unknown>>;
  /** `Prefer: wait`, in seconds; 0 for none. */
  waitSeconds: number;
  /** Id of the API key that it was sent with. */
  apiKeyId: string;
}

/** What a client is told, as the HTTP edge maps it. */
export interface ClientAnswer {
  status: number;
  /** Of a problem: `{code, detail, payment_id?}`. */
  body: unknown;
  headers: Readonly<Record<string, string>>;
}

/** What the world does, as an observer who stands outside of it sees it. */
export type Observation =
  /** Durable in the store, at the moment of the effect. */
  | { kind: 'written'; payment: Payment; previous: Payment | null }
  /** A compare-and-set or create that the store refused. */
  | { kind: 'refused_write'; payment: Payment; stored: Payment | null }
  /** A client asked; `request` is the use case's input with the operation name. */
  | { kind: 'asked'; client: number; id: number; request: ClientRequest }
  /** What the client got: never for a request whose answer was lost. 2xx iff ok. */
  | { kind: 'answered'; client: number; id: number; request: ClientRequest; answer: ClientAnswer }
  /** The PSP's own doing, at its effect (also when the answer is lost afterwards). */
  | { kind: 'psp'; call: 'execute' | 'lookup'; request: PspRequest; answer: PspAnswer | null | Error }
  | { kind: 'fed'; consumer: string; payments: readonly Payment[] }
  | { kind: 'sent' | 'buried'; item: WorkItem }
  /** A message was given to a reader; and taken out of the queue by one. */
  | { kind: 'received'; item: WorkItem; receiveCount: number }
  | { kind: 'acked'; item: WorkItem }
  | { kind: 'audited'; entries: readonly AuditEntry[]; head: AuditHead }
  | { kind: 'logged'; line: string }
  /** A machine believed a key. `goodUntilMs`: when it was revoked or expired, by the truth; null if never. */
  | { kind: 'let_in'; keyId: string; merchant_id: string; askedMs: number; goodUntilMs: number | null }
  /** A person settled an operation; `truth` is what the PSP holds of it. */
  | { kind: 'resolved'; ref: PaymentRef; operation_id: string; as: 'succeeded' | 'failed'; truth: string }
  /** Faults are over; from here everything must drain. `drained`: the life has ended. */
  | { kind: 'calm' }
  | { kind: 'drained' };

export interface Observer {
  /** @throws InvariantBroken */
  see(observation: Observation): void;
}

/** The number of the invariant, and what was seen and expected. */
export class InvariantBroken extends Error {
  override readonly name = 'InvariantBroken';
  readonly invariant: number;

  constructor(invariant: number, message: string) {
    super(message);
    this.invariant = invariant;
  }
}

/** The truth at any moment, without faults and without io: for the checks at the end (and cheap ones during). */
export interface Truth {
  payments(): Iterable<Payment>;
  get(ref: PaymentRef): Payment | null;
  /** Everything that the PSP executed, in the order of execution. */
  psp(): Iterable<SimulatedOperation>;
  queue(): { waiting: number; delayed: number; inFlight: number };
  deadLetters(): Iterable<DeadLetter>;
  auditLines(): readonly string[];
  auditHead(): AuditHead;
  nowMs(): number;
}
