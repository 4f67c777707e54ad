import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { openFilesAuditLog } from '../adapters/files/files-audit-log.ts';
import { createAskPsp } from '../app/ask-psp.ts';
import { createAudit } from '../app/audit.ts';
import { createRelay } from '../app/relay.ts';
import { createWorker } from '../app/work.ts';
import { parseConfig } from '../config.ts';
import { openFolder, openSimulator } from '../wiring.ts';
import { runCli } from './run-cli.ts';

export interface Ran {
  exit: number;
  out: string;
  err: string;
  /** Standard output as the one JSON document that it should be. */
  json(): Record<string, unknown>;
}

export interface TestCli {
  folder: string;
  /** @param input standard input; a terminal if there is none */
  run(argv: string, input?: string | Buffer): Promise<Ran>;
  runArgs(argv: readonly string[], input?: string | Buffer): Promise<Ran>;
  /** Does what a server would do with all that waits, and stops. */
  serveOnce(pspTimeoutMs?: number): Promise<void>;
  remove(): void;
}

const SILENT = { debug() {}, info() {}, warn() {}, error() {} };

/** The real program in some environment. */
export async function runIn(
  env: Record<string, string | undefined>,
  argv: readonly string[],
  input?: string | Buffer,
): Promise<Ran> {
  const stdout = collect();
  const stderr = collect();
  const stdin = input === undefined ? terminal() : Readable.from([Buffer.from(input)]);
  const exit = await runCli(argv, { stdout: stdout.stream, stderr: stderr.stream, stdin, env });
  const out = stdout.text();
  return { exit, out, err: stderr.text(), json: () => JSON.parse(out) };
}

/** The real program over a data folder of its own, which does not exist yet. */
export function createTestCli(): TestCli {
  const parent = mkdtempSync(join(tmpdir(), 'tollgate-cli-'));
  const folder = join(parent, 'data');
  const env = { DATA_DIR: folder };

  const runArgs = (argv: readonly string[], input?: string | Buffer) => runIn(env, argv, input);

  return {
    folder,
    runArgs,
    run: (argv, input) => runArgs(argv.split(' '), input),
    async serveOnce(pspTimeoutMs = 10_000) {
      const config = parseConfig(env);
      const parts = openFolder(config, 'tool', SILENT);
      const { store, queue, clock, timers, ids, anchor, auditFolder } = parts;
      const simulator = await openSimulator(config, parts, () => 'http://127.0.0.1:1');
      const log = await openFilesAuditLog({ folder: auditFolder, anchor, timers, logger: SILENT });
      const deps = { connectors: [simulator], clock, timers, ids, logger: SILENT, pspTimeoutMs };
      const worker = createWorker({
        store,
        queue,
        psp: createAskPsp(deps),
        clock,
        logger: SILENT,
        onLateSuccess() {},
      });
      const relay = createRelay({ feed: store, queue });
      const audit = createAudit({ feed: store, log });
      while ((await relay.step()) + (await worker.step()) > 0);
      while ((await audit.step()) > 0);
      await log.close();
      await simulator.close();
      await parts.database.close();
    },
    remove: () => rmSync(parent, { recursive: true }),
  };
}

function collect() {
  const stream = new PassThrough();
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  return { stream, text: () => Buffer.concat(chunks).toString() };
}

function terminal(): Readable & { isTTY: boolean } {
  return Object.assign(Readable.from([]), { isTTY: true });
}
