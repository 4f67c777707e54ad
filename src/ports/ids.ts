/** Identifiers and chance, so that a simulation can seed both. */
export interface Ids {
  /** `prefix_` and at least 120 random bits in lower-case letters and digits. */
  next(prefix: string): string;
  /** Uniform in [0, 1). */
  random(): number;
}
