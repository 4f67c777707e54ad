import { currencyExponent } from '../src/domain/money.ts';
import type { Ids } from '../src/ports/ids.ts';
import { SCENARIOS, type Scenario, type ScenarioName } from './scenarios.ts';

/** A payment of the day, as it is going to be asked for. */
export interface Planned {
  scenario: ScenarioName;
  merchant: string;
  /** Chosen by the merchant; replaced by the server's where the scenario leaves it to the server. */
  payment_id: string;
  amount: number;
  currency: string;
  payment_method: string;
  description: string;
  /** When in the day, from 0 to 1. */
  at: number;
  /** Whether the merchant waits for the outcome (`Prefer: wait`) where the scenario leaves it open. */
  waits: boolean;
}

interface Merchant {
  id: string;
  /** Of a hundred payments. */
  share: number;
  currencies: readonly string[];
  /** What is bought there, and for how much (in dollars). */
  goods: string;
  from: number;
  to: number;
}

const MERCHANTS: readonly Merchant[] = [
  { id: 'demo-bookshop', share: 40, currencies: ['eur', 'usd'], goods: 'Books', from: 6, to: 90 },
  { id: 'demo-coffee', share: 45, currencies: ['usd', 'gbp'], goods: 'Coffee', from: 2, to: 18 },
  {
    id: 'demo-travel',
    share: 15,
    currencies: ['jpy', 'kwd', 'usd'],
    goods: 'A journey',
    from: 80,
    to: 2_400,
  },
];

export const MERCHANT_IDS: readonly string[] = MERCHANTS.map(({ id }) => id);

/** What a dollar is, about; no exchange, only amounts that look like the currency's. */
const PER_DOLLAR: Readonly<Record<string, number>> = { usd: 1, eur: 0.9, gbp: 0.8, jpy: 150, kwd: 0.3 };
export const CURRENCIES: readonly string[] = Object.keys(PER_DOLLAR);

/** How much of the day's business falls into each hour. */
const HOURS = [1, 1, 1, 1, 1, 2, 4, 7, 9, 8, 8, 9, 11, 10, 8, 7, 8, 10, 12, 12, 10, 7, 4, 2];
/** Scenarios that take long begin early, so that the day's end is not spent on waiting. */
const EARLY = 0.06;

/** The day, the same for the same seed: at least one payment of each scenario, the rest by their shares. */
export function planDay(count: number, run: string, ids: Ids): Planned[] {
  const names = Object.keys(SCENARIOS) as ScenarioName[];
  const used = new Map<ScenarioName, number>();
  const merchants = weighted(MERCHANTS.map((merchant) => [merchant, merchant.share] as const));
  const scenarios = weighted(names.map((name) => [name, SCENARIOS[name].share] as const));
  const hours = weighted(HOURS.map((weight, hour) => [hour, weight] as const));
  const day = Array.from({ length: count }, (_, index): Planned => {
    const scenario = names[index] ?? scenarios(ids.random());
    const { methods, early }: Scenario = SCENARIOS[scenario];
    const turn = used.get(scenario) ?? 0;
    used.set(scenario, turn + 1);
    const merchant = merchants(ids.random());
    const currency = merchant.currencies[Math.floor(ids.random() * merchant.currencies.length)] as string;
    const hour = hours(ids.random()) + ids.random();
    return {
      scenario,
      merchant: merchant.id,
      payment_id: `${run}-${index + 1}`,
      amount: price(merchant, currency, ids.random()),
      currency,
      payment_method: methods[turn % methods.length] as string,
      description: `${merchant.goods}, order ${index + 1}`,
      at: early ? ids.random() * EARLY : hour / HOURS.length,
      waits: ids.random() < 0.4,
    };
  });
  return day.sort((a, b) => a.at - b.at);
}

/** In minor units. Small prices are more common than large ones. */
function price({ from, to }: Merchant, currency: string, chance: number): number {
  const dollars = from + (to - from) * chance ** 3;
  return Math.round(
    dollars * (PER_DOLLAR[currency] as number) * 10 ** (currencyExponent(currency) as number),
  );
}

/** Picks by weight; `chance` from [0, 1). */
function weighted<T>(choices: readonly (readonly [T, number])[]): (chance: number) => T {
  const total = choices.reduce((sum, [, weight]) => sum + weight, 0);
  return (chance) => {
    let place = chance * total;
    for (const [choice, weight] of choices) {
      if (place < weight) return choice;
      place -= weight;
    }
    return (choices.at(-1) as readonly [T, number])[0];
  };
}
