import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, describe } from 'vitest';
import {
  type DynamoDbLocal,
  javaMissing,
  startDynamoDbLocal,
} from '../../../test/emulators/dynamodb-local.ts';
import { describeConnector } from '../../ports/connector.contract.ts';
import { describeCallbacks } from './callbacks.contract.ts';
import { describeChallengePage } from './challenge-page.contract.ts';
import { describeDurability } from './durability.contract.ts';
import { dynamoOpener } from './dynamo.fixture.ts';
import { describeSharing } from './sharing.contract.ts';
import { describeSilence } from './silence.contract.ts';
import { cleanUpAfterEach, createRig, inOrderAsked } from './simulator.fixture.ts';

/** All that must hold over a shared table, on Amazon's own engine. */
describe.skipIf(javaMissing)('over DynamoDB Local', () => {
  let local: DynamoDbLocal;
  let client: DynamoDBClient;
  let table: string;

  beforeAll(async () => {
    local = await startDynamoDbLocal();
    client = local.client();
  }, 60_000);
  beforeEach(async () => {
    table = (await local.createTables()).simulator;
  });
  afterAll(() => local?.stop());
  cleanUpAfterEach();

  const makeOpener = () => dynamoOpener(client, () => table);

  describeConnector('the simulator', async () => {
    const { simulator } = createRig({ openStorage: makeOpener() });
    return {
      connector: inOrderAsked(simulator),
      methods: { succeeds: 'pm_card_visa', declined: 'pm_card_visa_chargeDeclined' },
      run: 'run',
      close: () => simulator.close(),
    };
  });

  describe('silence', () => describeSilence(makeOpener));
  describe('call-backs', () => describeCallbacks(makeOpener));
  describe('the challenge page', () => describeChallengePage(makeOpener));
  describe('after it was closed and opened again', () => describeDurability(makeOpener));
  describe('several processes', () => describeSharing(makeOpener));
});
