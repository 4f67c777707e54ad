import type { Answer } from '../http/answer-rules.ts';
import { outcome } from './expect.ts';

export interface KindRow {
  kind: string;
  exchanges: number;
  requests: number;
  /** By status and code, the most frequent first. */
  outcomes: readonly (readonly [outcome: string, count: number])[];
}

/** Counts what was sent and what came back. */
export interface Tally {
  exchange(kind: string, requests: number, answers: readonly Answer[]): void;
  /** An answer that the document promises, by its name; null for one to what it does not know. */
  documented(name: string | null): void;
  rows(): readonly KindRow[];
  requests(): number;
  /** Of what was promised, what never came. */
  unseen(promised: readonly string[]): readonly string[];
}

export function createTally(): Tally {
  const kinds = new Map<string, { exchanges: number; requests: number; outcomes: Map<string, number> }>();
  const seen = new Set<string>();
  let all = 0;

  return {
    exchange(kind, requests, answers) {
      const row = kinds.get(kind) ?? { exchanges: 0, requests: 0, outcomes: new Map() };
      kinds.set(kind, row);
      row.exchanges++;
      row.requests += requests;
      all += requests;
      const came = answers.length === 0 ? ['closed'] : answers.map(outcome);
      for (const one of came) row.outcomes.set(one, (row.outcomes.get(one) ?? 0) + 1);
    },
    documented(name) {
      if (name !== null) seen.add(name);
    },
    rows: () =>
      [...kinds].map(([kind, { exchanges, requests, outcomes }]) => ({
        kind,
        exchanges,
        requests,
        outcomes: [...outcomes].sort(([, a], [, b]) => b - a),
      })),
    requests: () => all,
    unseen: (promised) => promised.filter((name) => !seen.has(name)),
  };
}
