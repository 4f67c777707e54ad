import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RunningService, startService } from '../http/service.fixture.ts';

let service: RunningService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

/** Changes with every commit of another connection that wrote anything. */
const dataVersion = () => service.tool.database.connection.prepare('PRAGMA data_version').get()?.data_version;

it('to say that it is ready, the server writes to the log: a disk that is full must not go unnoticed', async () => {
  const before = dataVersion();
  await service.call('GET', '/health', { key: null });
  expect(dataVersion()).toBe(before);
  expect((await service.call('GET', '/ready', { key: null })).status).toBe(200);
  expect(dataVersion()).not.toBe(before);
});
