import { describe, expect, it } from 'vitest';
import { bundleBodyHash, bundleBytes, bundleFunction, FUNCTION_NAMES } from './bundles.ts';

/** Bytes of 1,000 to the KB: what a cold start has to read and compile. */
const MOST_KILOBYTES = { api: 600, url: 600, worker: 500, relay: 500, audit: 505 };

describe('the bundles of the functions', () => {
  it.each(Object.entries(MOST_KILOBYTES))('keep %s within %i KB', (name, most) => {
    const folder = bundleFunction(name as keyof typeof MOST_KILOBYTES);
    expect(bundleBytes(folder)).toBeGreaterThan(50_000);
    expect(bundleBytes(folder)).toBeLessThanOrEqual(most * 1_000);
  });

  it('are made for every function, once for a process', () => {
    for (const name of FUNCTION_NAMES) expect(bundleFunction(name)).toBe(bundleFunction(name));
  });

  it('keep what runs at the edge within a few KB: it is started in every region', () => {
    expect(bundleBytes(bundleBodyHash())).toBeLessThan(4_000);
  });
});
