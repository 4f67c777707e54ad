import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RunningService, startService } from '../http/service.fixture.ts';
import { checkNoSecrets, checkPayments, waitUntilSettled } from './aftermath.ts';
import { holdsCanary } from './canary.ts';
import { createContract } from './contract.ts';
import { createGenerator } from './generate.ts';
import { makeKeys } from './keys.ts';
import { playNumbers } from './play-numbers.ts';
import { createPlayer } from './player.ts';
import { findingText } from './report.ts';
import { createSigning } from './signing.ts';
import { createTally } from './tally.ts';

/** Long runs are `npm run fuzz`; this is to see at once what is badly wrong. */
const COUNT = 600;
/** What takes long by its nature, and what is known to take a hundred steps. */
const TOO_LONG = ['slow', 'refused and stays', 'answers unread', 'too many refunds', 'too many captures'];
const SEED = 20_260_101;

let service: RunningService;

beforeAll(async () => {
  service = await startService({ RATE_LIMIT_PER_SECOND: '0', PSP_TIMEOUT_MS: '300', LOG_LEVEL: 'info' });
});
afterAll(() => service.stop());

it(`${COUNT} requests made from the document are answered as it says, and leave the books in order`, async () => {
  const { tool, url, folder } = service;
  const nowMs = () => tool.clock.now();
  const keys = await makeKeys(SEED, tool.keys, nowMs());
  const contract = createContract(JSON.stringify(service.document));
  const generator = createGenerator(SEED, contract, keys);
  const sign = createSigning(await tool.secrets.callbackSecret('simulator'), nowMs);
  const player = createPlayer({ url, contract, generator, sign, tally: createTally() });
  const options = { player, generator, count: COUNT, connections: 32, mostFindings: 5, without: TOO_LONG };
  const { findings } = await playNumbers(options);
  expect(findings.map((finding) => findingText(SEED, finding))).toEqual([]);
  expect(player.strays()).toEqual([]);

  const wrongs: string[] = [];
  const found = (wrong: string) => void wrongs.push(wrong);
  await waitUntilSettled(tool, found);
  const { payments } = await checkPayments(tool, player.accepted(), found);
  checkNoSecrets([folder], keys, found);
  expect(wrongs).toEqual([]);
  expect(payments).toBeGreaterThan(COUNT / 10);
  const logged = await service.logged();
  expect(holdsCanary(logged)).toBe(false);
  expect(logged).not.toMatch(/"stack"/);
});
