import { describe } from 'vitest';
import { describeSharing } from './sharing.contract.ts';
import { cleanUpAfterEach, STORAGES } from './simulator.fixture.ts';

cleanUpAfterEach();

// A process waits for the other's transaction on the file, so that the two cannot be one: see `durability.test.ts`.
const SHARED = STORAGES.filter(([name]) => name !== 'sqlite');

describe.each(SHARED)('several processes over %s', (_name, makeOpener) => describeSharing(makeOpener));
