import type { OperationKind, Outcome, Partition } from '../domain/payment.ts';

/** What is held for a merchant in one currency, by either account, in minor units: sums outgrow safe integers. */
export interface Holding extends Partition {
  currency: string;
  ours: bigint;
  psp: bigint;
}

type Where = Partition & { currency: string };

/** Sums of money of both sides (invariant 17). */
export interface Holdings {
  addPsp(
    where: Where,
    kind: OperationKind,
    outcome: Outcome,
    amountMinor: number,
    first: OperationKind,
  ): void;
  addOurs(where: Where, amountMinor: number): void;
  /** What an operation adds to what is held, in minor units. */
  effect(kind: OperationKind, outcome: Outcome, amountMinor: number, first: OperationKind): number;
  /** By merchant, mode and currency. */
  list(): Holding[];
}

export function createHoldings(): Holdings {
  const sums = new Map<string, Holding>();

  function sum({ merchant_id, livemode, currency }: Where): Holding {
    const name = `${merchant_id}/${livemode}/${currency}`;
    const known = sums.get(name);
    if (known) return known;
    const fresh = { merchant_id, livemode, currency, ours: 0n, psp: 0n };
    sums.set(name, fresh);
    return fresh;
  }

  return {
    addPsp(where, kind, outcome, amountMinor, first) {
      sum(where).psp += BigInt(effect(kind, outcome, amountMinor, first));
    },
    addOurs(where, amountMinor) {
      sum(where).ours += BigInt(amountMinor);
    },
    effect,
    list: () => [...sums.keys()].sort().map((name) => sums.get(name) as Holding),
  };
}

/** @param first kind of the operation that the payment began with: the reversal of a mere hold moves no money */
function effect(kind: OperationKind, outcome: Outcome, amountMinor: number, first: OperationKind): number {
  if (outcome !== 'succeeded') return 0;
  switch (kind) {
    case 'charge':
    case 'capture':
      return amountMinor;
    case 'refund':
      return -amountMinor;
    case 'reversal':
      return first === 'charge' ? -amountMinor : 0;
    case 'authorize':
    case 'cancel':
      return 0;
  }
}
