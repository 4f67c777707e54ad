import type { Component, Usage } from '../bill/usage.ts';

/** A usage of a system that is not ours: nothing of it is metered, all of it is said. */
export function declared(
  component: Component,
  what: string,
  price: string,
  quantity: number,
  derivation: string,
): Usage {
  return { component, what, price, quantity, basis: 'declared', derivation };
}
