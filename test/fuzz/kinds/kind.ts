import type { Dice } from '../dice.ts';
import type { Exchange } from '../exchange.ts';
import type { Plan } from '../plan.ts';

export interface Draw {
  number: number;
  dice: Dice;
  plan: Plan;
  /** Parts what is drawn several times for one number: several requests sent at once. */
  suffix: string;
}

/** One way to use or abuse the service. */
export interface Kind {
  name: string;
  /** How often it is drawn, beside the others. */
  weight: number;
  make(draw: Draw): Omit<Exchange, 'kind'>;
}
