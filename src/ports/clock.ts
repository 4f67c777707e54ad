/** The time. The core asks nothing else for it, so that a simulation can turn it. */
export interface Clock {
  /** Epoch milliseconds, UTC. */
  now(): number;
}

/** Waiting. A step never loops on it; drivers and deadlines do. */
export interface Timers {
  /** Resolves after `ms`, or at once when `signal` is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls `late` after `ms` (below 2^31) unless the answer is called first: a deadline, which is nearly always met. */
  after(ms: number, late: () => void): () => void;
}
