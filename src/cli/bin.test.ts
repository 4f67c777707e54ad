import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';

/** `bin/tollgate.mjs` as `npx tollgate` runs it: a process, with its input, output, signals and exit code. */
const BIN = fileURLToPath(new URL('../../bin/tollgate.mjs', import.meta.url));

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

let parent: string;
let started: Child[] = [];
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'tollgate-bin-'));
});
afterEach(() => {
  for (const child of started) child.kill('SIGKILL');
  started = [];
  rmSync(parent, { recursive: true });
});

function start(...argv: readonly string[]): Child {
  const env = { PATH: process.env.PATH, DATA_DIR: join(parent, 'data') };
  const child = spawn(process.execPath, [BIN, ...argv], {
    cwd: parent,
    env,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  started.push(child);
  return child;
}

async function textOf(stream: Readable): Promise<string> {
  return Buffer.concat(await stream.toArray()).toString();
}

async function run(argv: string, input = '') {
  const child = start(...argv.split(' '));
  child.stdin.end(input);
  const [out, err, [exit]] = await Promise.all([
    textOf(child.stdout),
    textOf(child.stderr),
    once(child, 'exit'),
  ]);
  return { out, err, exit };
}

/** Resolves with what a server has printed once it has said how to try it. */
async function ready(child: Child): Promise<string> {
  let said = '';
  for await (const chunk of child.stdout) {
    said += chunk;
    if (said.includes('curl')) break;
  }
  return said;
}

it('runs from any folder, and passes output, input and the exit code on', async () => {
  expect(await run('keys list')).toMatchObject({
    exit: 2,
    out: '',
    err: expect.stringMatching(/There is no folder/),
  });
  const imported = await run('payments create --json', 'payment_id,amount\na,5\nb,6\n');
  expect(imported).toMatchObject({ exit: 0, out: expect.stringMatching(/"accepted":2/) });
  expect(await run('payments show nothing')).toMatchObject({ exit: 3, out: '' });
  expect(await run('--help')).toMatchObject({ exit: 0, out: expect.stringMatching(/Exit codes/) });
});

it.each(['SIGTERM', 'SIGINT'] as const)('stops a server by %s with exit code 0', async (signal) => {
  const server = start('serve', '--port', '0');
  expect(await ready(server)).toMatch(/http:\/\/127\.0\.0\.1:\d+/);
  expect((await run('doctor')).out).toMatch(/^ok +server +process \d+ at http/m);
  server.kill(signal);
  expect(await once(server, 'exit')).toEqual([0, null]);
});

it('dies of the signal that its command died of', async () => {
  const child = start('payments', 'create', '--from', '-');
  child.stdin.write(`payment_id,amount\n${'a,none\n'.repeat(300)}`);
  // It has told of the first rows, and waits for more.
  await once(child.stderr, 'data');
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([null, 'SIGTERM']);
});
