/**
 * How many go on together: enough that what they share stays in the processor's caches, few enough that the thread with
 * the database has something to do while the next ones are being answered.
 */
const TOGETHER = 16;

/**
 * The end of this turn of the event loop, for those who await it in this turn: they go on one right after the other,
 * sixteen at a time. So requests are read, answered and written each together with others: reading or writing in
 * between leaves little of the code and data of answering in the caches (docs/decisions.md, "Speed").
 */
export function createTurns(): () => Promise<void> {
  let end: Promise<void> | null = null;
  let awaited = 0;

  function begin(): Promise<void> {
    awaited = 0;
    const begun: Promise<void> = new Promise((resolve) => {
      setImmediate(() => {
        if (end === begun) end = null;
        resolve();
      });
    });
    return begun;
  }

  return () => {
    if (end === null || awaited === TOGETHER) end = begin();
    awaited += 1;
    return end;
  };
}
