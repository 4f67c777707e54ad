import { RETRY_BASE_MS, RETRY_CAP_MS } from './limits.ts';

/**
 * Capped exponential backoff with full jitter: anywhere between 0 and min(cap, base · 2^(attempt-1)), so that
 * clients that failed together do not come back together.
 * @param attempt how often it has been tried, from 1
 * @param random from [0, 1)
 * @returns milliseconds to wait
 */
export function retryDelayMs(attempt: number, random: number): number {
  const ceilingMs = Math.min(RETRY_CAP_MS, RETRY_BASE_MS * 2 ** (attempt - 1));
  return Math.floor(random * ceilingMs);
}
