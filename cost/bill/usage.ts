/** The parts of a bill, in the order in which it is printed. */
export const COMPONENTS = [
  'edge',
  'firewall',
  'functions',
  'database',
  'queue',
  'audit log',
  'network',
  'fleet',
  'logs and traces',
  'monitoring',
  'security',
  'backups',
] as const;

export type Component = (typeof COMPONENTS)[number];

/**
 * Where a quantity comes from. `metered`: counted on the running code, times the volume. `template`: read in the
 * synthesised template. `assumed`: a stated assumption of the mix. `declared`: data about a system that is not ours.
 */
export type Basis = 'metered' | 'template' | 'assumed' | 'declared';

/** So much of something with a price, in a month. */
export interface Usage {
  readonly component: Component;
  /** For a person: what is paid for, such as `requests of the payments API`. */
  readonly what: string;
  /** An id of the price list. */
  readonly price: string;
  /** In the unit of the price, in a month: requests, GB-seconds, GB-months, hours … */
  readonly quantity: number;
  readonly basis: Basis;
  /** How the quantity comes about, in one line of text with its figures. */
  readonly derivation: string;
}

/** A resource of a template that is billed, or may be, and that the reader was not taught. Never counted as nothing. */
export interface UnknownResource {
  readonly logicalId: string;
  readonly type: string;
  /** What of a type that is known otherwise; without it the type itself is not known. */
  readonly why?: string;
}
