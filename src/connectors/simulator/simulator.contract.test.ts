import { describe, expect, it } from 'vitest';
import { describeConnector } from '../../ports/connector.contract.ts';
import {
  cleanUpAfterEach,
  createRig,
  EMBEDDED_STORAGES,
  inOrderAsked,
  STORAGES,
} from './simulator.fixture.ts';

cleanUpAfterEach();

describe.each(STORAGES)('over %s', (name, makeOpener) => {
  const isOrdered = EMBEDDED_STORAGES.some(([embedded]) => embedded === name);
  describeConnector('the simulator', async () => {
    const { simulator } = createRig({ openStorage: makeOpener() });
    return {
      connector: isOrdered ? simulator : inOrderAsked(simulator),
      methods: { succeeds: 'pm_card_visa', declined: 'pm_card_visa_chargeDeclined' },
      run: 'run',
      close: () => simulator.close(),
    };
  });
});

it('is called simulator, takes test payments only, and has a default payment method', () => {
  const { simulator } = createRig();
  expect(simulator.name).toBe('simulator');
  expect([simulator.accepts(false), simulator.accepts(true)]).toEqual([true, false]);
  expect(simulator.defaultPaymentMethod).toBe('pm_card_visa');
});
