import type { Answer, Call } from './client.ts';

/** A payment as it was asked for. */
export interface SubmittedPayment {
  payment_id: string;
  amount: number;
  currency: string;
  payment_method: string;
  capture_method: 'automatic' | 'manual';
  description: string;
  metadata: Record<string, string>;
}

export interface AcknowledgedOperation {
  kind: 'capture' | 'cancel' | 'refund';
  /** Null where none was named. */
  id: string | null;
  amount: number | null;
  reason: string | null;
}

/** What a merchant was told with a 2xx: all of it must be there after any crash (invariant 2). */
export interface Acknowledged {
  merchant: string;
  submitted: SubmittedPayment;
  operations: AcknowledgedOperation[];
  /** The last that was shown of it: reads of one payment never go backwards (invariant 6). */
  version: number;
  status: string;
}

/** A request that got no answer; a merchant sends it again. */
export interface Unanswered {
  call: Call;
  expected: readonly number[];
  acknowledged: (answer: Answer) => void;
}

export interface Ledger {
  payment(merchant: string, submitted: SubmittedPayment, answer: Answer): void;
  /** The command line accepted it: it exited well. */
  imported(merchant: string, submitted: SubmittedPayment): void;
  operation(merchant: string, paymentId: string, operation: AcknowledgedOperation): void;
  /** The server showed the payment. */
  shown(merchant: string, answer: Answer): void;
  get(merchant: string, paymentId: string): Acknowledged | undefined;
  all(): Iterable<Acknowledged>;
  /** What was acknowledged or shown since this was last asked. */
  takeRecent(): Acknowledged[];
  unanswered(request: Unanswered): void;
  takeUnanswered(): Unanswered[];
  counts(): { payments: number; operations: number; replays: number };
}

/** Whoever runs the load keeps it, in a process that is not killed. */
export function createLedger(): Ledger {
  const acknowledged = new Map<string, Acknowledged>();
  let recent = new Set<Acknowledged>();
  let waiting: Unanswered[] = [];
  let operations = 0;
  let replays = 0;

  function get(merchant: string, paymentId: string): Acknowledged | undefined {
    return acknowledged.get(`${merchant}/${paymentId}`);
  }

  function shown(merchant: string, { json, replayed }: Answer): void {
    if (replayed) replays++;
    const known = get(merchant, String(json.payment_id));
    if (!known) return;
    recent.add(known);
    const version = Number(json.version);
    if (version <= known.version) return;
    known.version = version;
    known.status = String(json.status);
  }

  function note(merchant: string, submitted: SubmittedPayment): void {
    const key = `${merchant}/${submitted.payment_id}`;
    const known = acknowledged.get(key) ?? { merchant, submitted, operations: [], version: 0, status: '' };
    acknowledged.set(key, known);
    recent.add(known);
  }

  return {
    payment(merchant, submitted, answer) {
      note(merchant, submitted);
      shown(merchant, answer);
    },
    imported: note,
    operation(merchant, paymentId, operation) {
      const known = get(merchant, paymentId);
      if (!known) throw new Error(`An operation of ${paymentId} was acknowledged, and the payment never was`);
      known.operations.push(operation);
      recent.add(known);
      operations++;
    },
    shown,
    get,
    all: () => acknowledged.values(),
    takeRecent() {
      const taken = [...recent];
      recent = new Set();
      return taken;
    },
    unanswered: (request) => void waiting.push(request),
    takeUnanswered() {
      const taken = waiting;
      waiting = [];
      return taken;
    },
    counts: () => ({ payments: acknowledged.size, operations, replays }),
  };
}
