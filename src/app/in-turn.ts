/** Runs what is given one after the other for the same key, and side by side for different ones. */
export type InTurn = <T>(key: string, work: () => Promise<T>) => Promise<T>;

/**
 * For those of one process who would only take each other's compare-and-set: a hundred refunds of one payment at once
 * cost ten thousand decisions when each reads, decides and loses, and a hundred when each waits for its turn.
 */
export function createInTurn(): InTurn {
  const last = new Map<string, Promise<unknown>>();
  return (key, work) => {
    const before = last.get(key);
    // Whether the one before succeeded is its own affair.
    const mine = before ? before.then(work, work) : work();
    last.set(key, mine);
    const end = () => {
      if (last.get(key) === mine) last.delete(key);
    };
    mine.then(end, end);
    return mine;
  };
}
