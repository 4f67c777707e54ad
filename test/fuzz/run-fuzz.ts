import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { withFolder } from '../crash/folder.ts';
import { checkByCommand, checkLog, checkNoSecrets, checkPayments, waitUntilSettled } from './aftermath.ts';
import { createContract } from './contract.ts';
import { type FuzzedServer, startFuzzedServer } from './fuzzed-server.ts';
import { createGenerator, type Generator } from './generate.ts';
import { makeKeys } from './keys.ts';
import { playNumbers } from './play-numbers.ts';
import { createPlayer, type Finding, type Player } from './player.ts';
import { shrink } from './shrink.ts';
import { createSigning } from './signing.ts';
import { createTally, type Tally } from './tally.ts';

export interface FuzzOptions {
  seed: number;
  requests: number;
  /** Just this number, and what it builds on. */
  only?: number | undefined;
  /** Empty; the data and the log go there. */
  folder: string;
  onProgress: (done: number, seconds: number) => void;
}

export interface FuzzReport {
  findings: readonly Finding[];
  /** What was found by looking at the whole, not at one answer. */
  wrongs: readonly string[];
  tally: Tally;
  unseen: readonly string[];
  promised: number;
  /** Of the requests alone. */
  seconds: number;
  usage: { before: Usage; after: Usage; mostMemoryMb: number } | null;
  payments: number;
  auditRecords: number;
  files: number;
}

type Usage = NonNullable<ReturnType<FuzzedServer['usage']>>;

const CONNECTIONS = 64;
const MOST_FINDINGS = 20;
/** Far more than it takes, and far less than what 100,000 requests would take if each left something behind. */
const MOST_MEMORY_MB = 700;
/**
 * More than the server had open at its start: segments of the log, and both ends of the connections over which the
 * simulator tells of challenges, which are kept for a minute. Thousands of connections were opened meanwhile.
 */
const MORE_FILES = 40;
const FILES_LIMIT_MS = 10_000;
const LOOK_EVERY_MS = 500;

const SETTINGS = { PORT: '0', RATE_LIMIT_PER_SECOND: '0', PSP_TIMEOUT_MS: '300', LOG_LEVEL: 'info' };

/** Everything from the start of the server to what an auditor would look at when it has stopped. */
export async function runFuzz(options: FuzzOptions): Promise<FuzzReport> {
  const { seed, requests, only, folder, onProgress } = options;
  const data = join(folder, 'data');
  const logFile = join(folder, 'server.log');
  mkdirSync(data, { mode: 0o700 });
  const wrongs: string[] = [];
  const found = (wrong: string) => void wrongs.push(wrong);
  const server = await startFuzzedServer({ ...SETTINGS, DATA_DIR: data }, logFile);
  try {
    const { keys, sign } = await withFolder(data, async (parts) => ({
      keys: await makeKeys(seed, parts.keys, parts.clock.now()),
      sign: createSigning(await parts.secrets.callbackSecret('simulator'), () => parts.clock.now()),
    }));
    const contract = createContract(await textOf(`${server.url}/openapi.json`));
    const generator = createGenerator(seed, contract, keys);
    const tally = createTally();
    const player = createPlayer({ url: server.url, contract, generator, sign, tally });
    const watch = watchUsage(server);
    const startedAt = performance.now();
    const secondsNow = () => (performance.now() - startedAt) / 1_000;
    const { findings, seconds } =
      only === undefined
        ? await playNumbers({
            player,
            generator,
            count: requests,
            connections: CONNECTIONS,
            mostFindings: MOST_FINDINGS,
            onProgress: (done) => onProgress(done, secondsNow()),
          })
        : await playOnly(only, generator, player);
    for (const stray of player.strays()) found(stray);
    const smallest: Finding[] = [];
    for (const finding of findings) smallest.push(await shrink(finding, generator, player));
    await checkAlive(server, found);
    const usage = await watch.end(found);
    await withFolder(data, (parts) => waitUntilSettled(parts, found));
    const code = await server.stop();
    if (code !== 0) found(`Asked to stop, the server ended with ${code}`);
    const counted = await withFolder(data, (parts) => checkPayments(parts, player.accepted(), found));
    await checkByCommand(data, found);
    const files = checkNoSecrets([folder], keys, found);
    checkLog(readFileSync(logFile, 'utf8'), found);
    const unseen = tally.unseen(contract.promised);
    const promised = contract.promised.length;
    return { findings: smallest, wrongs, tally, unseen, promised, seconds, usage, ...counted, files };
  } finally {
    if (!server.hasEnded()) await server.stop();
  }
}

async function playOnly(
  only: number,
  generator: Generator,
  player: Player,
): Promise<{ findings: Finding[]; seconds: number }> {
  const startedAt = performance.now();
  const findings: Finding[] = [];
  const connection = player.connect();
  for (const number of generator.withNeeds(only)) {
    const finding = await player.play(number, connection);
    if (finding) findings.push(finding);
  }
  connection.close();
  return { findings, seconds: (performance.now() - startedAt) / 1_000 };
}

async function textOf(url: string): Promise<string> {
  return (await fetch(url)).text();
}

/** After everything: it answers, and counts no answer as a fault of its own. */
async function checkAlive({ url, hasEnded }: FuzzedServer, found: (wrong: string) => void): Promise<void> {
  if (hasEnded()) {
    found('The server has ended');
    return;
  }
  const health = await fetch(`${url}/health`);
  if (health.status !== 200) found(`/health is answered with ${health.status}`);
  const metrics = await textOf(`${url}/metrics`);
  for (const [line] of metrics.matchAll(/^.*_count\{.*status="5\d\d".*$/gm))
    found(`Counted as a fault: ${line}`);
}

/** What the process holds, from now until everything that was asked of it is over. */
function watchUsage(server: FuzzedServer) {
  const before = server.usage();
  let mostMemoryMb = before?.memoryMb ?? 0;
  const look = setInterval(() => {
    mostMemoryMb = Math.max(mostMemoryMb, server.usage()?.memoryMb ?? 0);
  }, LOOK_EVERY_MS);

  return {
    async end(found: (wrong: string) => void): Promise<FuzzReport['usage']> {
      clearInterval(look);
      const until = performance.now() + FILES_LIMIT_MS;
      let after = server.usage();
      while (before && after && after.files > before.files + MORE_FILES && performance.now() < until) {
        await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
        after = server.usage();
      }
      if (!before || !after) return null;
      if (after.files > before.files + MORE_FILES) {
        found(`The server had ${before.files} open files and connections, and now has ${after.files}`);
      }
      if (mostMemoryMb > MOST_MEMORY_MB)
        found(`The server took up to ${Math.round(mostMemoryMb)} MB of memory`);
      return { before, after, mostMemoryMb };
    },
  };
}
