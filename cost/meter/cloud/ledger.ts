import type { Call } from './call-units.ts';

/** Calls that were under way at the same time, the function having done all that it could before their answers. */
export type Round = readonly Call[];

/** Where the proxies put what passes, in one process with them. */
export interface Ledger {
  /** While it counts, answers are held back until they are let go of. */
  readonly counts: boolean;
  begin(): void;
  /** Takes a call whose answer is there; `deliver` passes it on, at once or later. */
  pass(read: () => Call, deliver: () => void): void;
  /** Lets go of so many answers together, as soon as all of them are there: they are one round. */
  release(count: number): void;
  /** The rounds since `begin`; from here on nothing is counted or held. */
  end(): readonly Round[];
}

export function createLedger(): Ledger {
  let counts = false;
  let wanted: number | null = null;
  let rounds: Round[] = [];
  const held: { call: Call; deliver: () => void }[] = [];

  function letGo(): void {
    const together = held.splice(0);
    if (together.length > 0) rounds.push(together.map(({ call }) => call));
    wanted = null;
    for (const { deliver } of together) deliver();
  }

  return {
    get counts() {
      return counts;
    },
    begin() {
      counts = true;
      wanted = null;
      rounds = [];
    },
    pass(read, deliver) {
      if (!counts) return deliver();
      held.push({ call: read(), deliver });
      if (wanted !== null && held.length >= wanted) letGo();
    },
    release(count) {
      wanted = count;
      if (held.length >= count) letGo();
    },
    end() {
      counts = false;
      letGo();
      return rounds;
    },
  };
}
