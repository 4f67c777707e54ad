#!/usr/bin/env node
// The command line for whatever Node (20 or later) the machine has: Tollgate itself runs on the pinned Node 24 that
// `npm ci` installed. Plain JavaScript, since an older Node cannot read TypeScript.
import { spawn } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const NODE_MAJOR = 24;
const FAULT = 4;

const root = join(dirname(realpathSync(fileURLToPath(import.meta.url))), '..');
const cli = join(root, 'src', 'entrypoints', 'cli.ts');

/** The pinned Node, wherever npm put it; this one if that is missing and this one is as new. */
function findNode() {
  const name = process.platform === 'win32' ? 'node.exe' : 'node';
  for (let folder = root; ; folder = dirname(folder)) {
    const pinned = join(folder, 'node_modules', 'node', 'bin', name);
    if (existsSync(pinned)) return pinned;
    if (folder === dirname(folder)) break;
  }
  return Number(process.versions.node.split('.')[0]) >= NODE_MAJOR ? process.execPath : null;
}

const node = findNode();
if (node === null) {
  process.stderr.write(
    `Tollgate needs Node ${NODE_MAJOR}, and this is ${process.version}. Run "npm ci" in ${root}: it brings the right one.\n`,
  );
  process.exit(FAULT);
}

const child = spawn(node, [cli, ...process.argv.slice(2)], { stdio: 'inherit' });

// A terminal sends Ctrl-C to the whole group, so the child has it already; twice would cut a graceful stop short.
const onTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    if (signal !== 'SIGINT' || !onTerminal) child.kill(signal);
  });
}

child.on('error', (error) => {
  process.stderr.write(`Cannot run ${node}: ${error.message}. Run "npm ci" in ${root} again.\n`);
  process.exit(FAULT);
});

child.on('exit', (code, signal) => {
  if (signal === null) process.exit(code ?? FAULT);
  // Die as the child died, so that whoever started this sees it.
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
});
