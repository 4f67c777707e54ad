import { afterEach, beforeEach, expect, it } from 'vitest';
import { parseConfig } from '../config.ts';
import { openFolder } from '../wiring.ts';
import { createTestCli, type TestCli } from './cli.fixture.ts';

let cli: TestCli;
beforeEach(async () => {
  cli = createTestCli();
  for (const id of ['a', 'b'])
    await cli.run(`payments create --amount 5 --payment-id ${id} --payment-method pm_sim_timeout`);
  await cli.serveOnce(10);
});
afterEach(() => cli.remove());

async function bury(...ids: readonly string[]): Promise<void> {
  const logger = { debug() {}, info() {}, warn() {}, error() {} };
  const { queue, database } = openFolder(parseConfig({ DATA_DIR: cli.folder }), 'tool', logger);
  for (const payment_id of ids) {
    const item = { merchant_id: 'demo', livemode: false, payment_id, operation_id: 'charge.1', attempt: 1 };
    await queue.deadLetter(item, 'unknown for a week');
  }
  await database.close();
}

it('lists them, oldest first', async () => {
  expect((await cli.run('dead-letters list')).out).toBe('No dead letters.\n');
  await bury('a', 'b');
  const listed = (await cli.run('dead-letters list --json')).json();
  expect(listed).toMatchObject({
    count: 2,
    data: [
      { merchant_id: 'demo', payment_id: 'a', operation_id: 'charge.1', reason: 'unknown for a week' },
      { payment_id: 'b' },
    ],
  });
  expect((await cli.run('dead-letters list')).out).toMatch(
    /^ 1 {2}demo +test {2}a +charge\.1 .*unknown for a week$/m,
  );
});

it('sends one again, and then has it no more', async () => {
  await bury('a', 'b');
  const sent = await cli.run('dead-letters redrive 1 --json');
  expect([sent.exit, sent.json()]).toEqual([0, { sent: ['1'], needs_resolve: [] }]);
  expect(sent.err).toMatch(/no_server/);
  expect((await cli.run('dead-letters redrive 1')).exit).toBe(3);
  expect((await cli.run('dead-letters list --json')).json().count).toBe(1);
  await cli.serveOnce();
  expect((await cli.run('payments show a --json')).json()).toMatchObject({ status: 'completed' });
});

it('sends all of them again', async () => {
  await bury('a', 'b');
  expect((await cli.run('dead-letters redrive --all')).out).toBe('2 dead letters were sent again.\n');
  expect((await cli.run('dead-letters redrive --all --json')).json()).toEqual({
    sent: [],
    needs_resolve: [],
  });
});

it('wants one of the two', async () => {
  expect((await cli.run('dead-letters redrive 1 --all')).exit).toBe(2);
  expect((await cli.run('dead-letters redrive')).exit).toBe(2);
});

it('is settled by a resolution', async () => {
  await bury('a');
  expect((await cli.run('payments resolve a --as failed --reason asked')).exit).toBe(0);
  expect((await cli.run('dead-letters list --json')).json().count).toBe(0);
});
