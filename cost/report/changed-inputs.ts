import type { Measured, Units } from '../meter/measured.ts';
import type { Mix } from '../mix/mix.ts';
import type { Price, PriceList } from '../prices/price.ts';
import type { Inputs } from './systems.ts';

export function mapped<K extends string>(values: Readonly<Record<K, number>>, of: (value: number) => number) {
  return Object.fromEntries(
    Object.entries<number>(values).map(([name, value]) => [name, of(value)]),
  ) as Record<K, number>;
}

export function withMix(inputs: Inputs, mix: Partial<Mix>): Inputs {
  return { ...inputs, mix: { ...inputs.mix, ...mix } };
}

export function withRequests(inputs: Inputs, given: Partial<Measured['requestsPerPayment']>): Inputs {
  const requestsPerPayment = { ...inputs.measured.requestsPerPayment, ...given };
  return { ...inputs, measured: { ...inputs.measured, requestsPerPayment } };
}

/** Every unit of every invocation that was measured, by its name. */
export function withUnits(inputs: Inputs, of: (name: string, value: number) => number): Inputs {
  const units = (all: Units): Units =>
    Object.fromEntries(Object.entries(all).map(([name, value]) => [name, of(name, value)]));
  const steps = (ladder: Measured['relay']) => ladder.map((step) => ({ ...step, units: units(step.units) }));
  const { measured } = inputs;
  const requests = Object.fromEntries(
    Object.entries(measured.requests).map(([kind, all]) => [kind, units(all)]),
  ) as Measured['requests'];
  return {
    ...inputs,
    measured: {
      ...measured,
      requests,
      relay: steps(measured.relay),
      worker: steps(measured.worker),
      audit: steps(measured.audit),
      sweep: steps(measured.sweep),
      authorizer: units(measured.authorizer),
    },
  };
}

/** Each refund is a request, a dispatch, a message, and two changes: asked for, and settled. */
export function refunding(inputs: Inputs, refunds: number): Inputs {
  const more = refunds - inputs.measured.requestsPerPayment.refund;
  const changed = withRequests(inputs, { refund: refunds });
  const { relay, audit, worker } = changed.measured.perPayment;
  const perPayment = { relay: relay + more, audit: audit + 2 * more, worker: worker + more };
  return { ...changed, measured: { ...changed.measured, perPayment } };
}

export function unsureTimes(list: PriceList, factor: number): PriceList {
  const changed = (price: Price): Price =>
    price.confidence === 'seen'
      ? price
      : { ...price, tiers: price.tiers.map((tier) => ({ ...tier, usd: tier.usd * factor })) };
  return { ...list, prices: new Map([...list.prices].map(([id, price]) => [id, changed(price)])) };
}
