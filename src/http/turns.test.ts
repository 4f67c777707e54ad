import { expect, test } from 'vitest';
import { createTurns } from './turns.ts';

/** Who went on, in order, and where one group ended and the next began. */
async function followed(count: number): Promise<string[]> {
  const endOfTurn = createTurns();
  const seen: string[] = [];
  const all = Array.from({ length: count }, async (_, place) => {
    await endOfTurn();
    seen.push(String(place));
    // Within a group all have gone on before the first of them takes its next step.
    await null;
    if (place % 16 === 0) seen.push('next step');
  });
  await Promise.all(all);
  return seen;
}

test('all who wait in a turn go on at its end, in their order and together', async () => {
  expect(await followed(3)).toEqual(['0', '1', '2', 'next step']);
});

test('no more than sixteen go on together', async () => {
  const seen = await followed(18);
  expect(seen.slice(15)).toEqual(['15', 'next step', '16', '17', 'next step']);
});

test('nobody goes on within the turn', async () => {
  const endOfTurn = createTurns();
  let wentOn = false;
  const going = endOfTurn().then(() => {
    wentOn = true;
  });
  await new Promise<void>((resolve) => process.nextTick(resolve));
  await Promise.resolve();
  expect(wentOn).toBe(false);
  await going;
});

test('who waits when a turn has ended waits for the end of the next', async () => {
  const endOfTurn = createTurns();
  const first = endOfTurn();
  await first;
  const second = endOfTurn();
  expect(second).not.toBe(first);
  await second;
});
