import { createLineLogger } from '../../../src/adapters/lines/line-logger.ts';
import { createSeededIds } from '../../../src/adapters/memory/seeded-ids.ts';
import { createSystemClock } from '../../../src/adapters/system/system-clock.ts';
import { createSystemTimers } from '../../../src/adapters/system/system-timers.ts';
import { createDynamoStorage } from '../../../src/connectors/simulator/dynamo-storage.ts';
import { createSimulator } from '../../../src/connectors/simulator/simulator.ts';
import type { ProxyRequest } from '../../../src/lambda/events.fixture.ts';
import { awsBase } from '../../../src/wiring-aws/parts.ts';
import { awsSecrets } from '../../../src/wiring-aws/secrets.ts';
import type { MeteredCloud } from '../cloud/metered-cloud.ts';

/** Who confirms a payment on the page of the PSP, which then calls back. */
export interface Customer {
  /**
   * @param url of the challenge
   * @returns the PSP's call-back, signed, for the caller to deliver
   */
  accept(url: string): Promise<ProxyRequest>;
}

const SEED = 7;

/** The PSP's side: its pages and its call-backs are no requests of ours, and are not counted. */
export async function createCustomer({ config, dynamo, tables }: MeteredCloud): Promise<Customer> {
  const clock = createSystemClock();
  const timers = createSystemTimers();
  const logger = createLineLogger('silent', clock);
  const ids = createSeededIds(SEED);
  const delivered: ProxyRequest[] = [];
  const simulator = createSimulator({
    storage: createDynamoStorage({ client: dynamo.client(), tableName: tables.simulator, timers, ids }),
    clock,
    ids,
    timers,
    latencyMs: 0,
    baseUrl: () => config.PUBLIC_URL,
    callbackSecret: await awsSecrets(awsBase(config, logger)).callbackSecret('simulator'),
    deliver: async (_url, headers, body) => {
      const path = '/callbacks/simulator';
      delivered.push({ method: 'POST', path, headers: Object.entries(headers), body });
      return true;
    },
    logger,
  });

  return {
    async accept(url) {
      const { pathname } = new URL(url);
      const page = new Request(`http://psp${pathname.slice(pathname.indexOf('/simulator/'))}`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: 'decision=accept',
      });
      const { status } = await simulator.handlePage(page);
      const callback = delivered.pop();
      if (!callback) throw new Error(`The PSP did not call back: its page answered ${status}.`);
      return callback;
    },
  };
}
