import { expect, it } from 'vitest';
import { createToldBacklog } from './told-backlog.ts';

function start() {
  const load = { asked: 0 };
  const queue = {
    async depth() {
      load.asked += 1;
      return { waiting: 7, delayed: 1_000, inFlight: 1_000 };
    },
  };
  return { load, backlog: createToldBacklog(queue, 10) };
}

it('admits unless the authorizer said that it is full, and asks the queue nothing for it', async () => {
  const { load, backlog } = start();
  expect(await backlog.admit()).toBe(true);
  backlog.tell(true);
  expect(await backlog.admit()).toBe(false);
  backlog.tell(false);
  expect(await backlog.admit()).toBe(true);
  expect(load.asked).toBe(0);
});

it('measures what is ready in the queue for those who ask for it', async () => {
  const { load, backlog } = start();
  expect([await backlog.waiting(), backlog.limit, load.asked]).toEqual([7, 10, 1]);
});
