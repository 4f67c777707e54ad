/**
 * How sure a price is. `seen`: read in AWS's own list or in a copy of it. `remembered`, `approximate`, `conflicting`
 * are marked wherever they are printed.
 */
export type Confidence = 'seen' | 'remembered' | 'approximate' | 'conflicting';

/**
 * From the end of the tier before up to `upTo` units in a month, after those that are free; null: without end.
 */
export interface Tier {
  readonly upTo: number | null;
  /** For `per` units. */
  readonly usd: number;
}

export interface Price {
  readonly id: string;
  /** What one unit is: `request`, `GB-second`, `GB-month`, `hour`. */
  readonly unit: string;
  /** So many units cost `usd`. */
  readonly per: number;
  readonly tiers: readonly Tier[];
  /** Units that an account has for nothing each month, for ever: not the offer of the first year. */
  readonly freePerMonth: number;
  /** Prices of one group have that allowance together, each its share of what is used. */
  readonly freeGroup?: string;
  readonly source: string;
  /** When the source was read: `2026-09-06`, or as exactly as is known, `2026-09`. */
  readonly read: string;
  readonly confidence: Confidence;
  readonly note: string;
}

export interface PriceList {
  readonly region: string;
  /** A month is so long at AWS: 730. */
  readonly hoursPerMonth: number;
  readonly prices: ReadonlyMap<string, Price>;
}
