import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { runChecked } from './run-checked.ts';
import type { RuntimeName } from './run-life.ts';

/** Lives on each runtime: those that do real work take longer, and `npm run sim` lives thousands. */
const SEEDS = { memory: 40n, sqlite: 20n, aws: 20n };
/** Of these, so many are lived twice. */
const TWICE = 2n;

/** The command, as a process of its own: a trace must not depend on what has run before. */
async function sim(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  try {
    const command = [join(import.meta.dirname, 'sim.ts'), ...args];
    const { stdout, stderr } = await promisify(execFile)(process.execPath, command, { maxBuffer: 1 << 26 });
    return { code: 0, out: stdout, err: stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, out: stdout, err: stderr };
  }
}

describe.each<RuntimeName>(['memory', 'sqlite', 'aws'])('lives on %s', (runtime) => {
  const seeds = SEEDS[runtime];
  it(`break no invariant in ${seeds} seeds, and go the same way each time (invariant 16)`, async () => {
    const broken: unknown[] = [];
    const hashes: string[] = [];
    for (let seed = 1n; seed <= seeds; seed += 1n) {
      const { failure, traceHash } = await runChecked(seed, runtime);
      if (failure) broken.push({ seed, ...failure });
      hashes.push(traceHash);
    }
    expect(broken).toEqual([]);
    expect(new Set(hashes).size).toBe(Number(seeds));
    for (let seed = 1n; seed <= TWICE; seed += 1n) {
      const { traceHash } = await runChecked(seed, runtime);
      expect(traceHash).toBe(hashes[Number(seed) - 1]);
    }
  });
});

describe('npm run sim', () => {
  it('replays a seed to the byte, in another process too', async () => {
    const lines: string[] = [];
    const { traceHash, events } = await runChecked(2n, 'memory', { trace: (line) => lines.push(line) });
    const { code, out } = await sim('--seed', '2', '--trace');
    expect(code).toBe(0);
    lines.push(`seed 2 (memory): ${events} events, nothing broke`, `trace ${traceHash}`, '');
    expect(out).toBe(lines.join('\n'));
  });

  it('lives many seeds in worker processes, and says what it met', async () => {
    const { code, out } = await sim('--seeds', '10', '--jobs', '1');
    expect(out).toMatch(/^10 lives \(memory 8, sqlite 1, aws 1\)/);
    expect(out).toMatch(/seeds 1 to 10 \(mix\): nothing broke\n$/);
    expect(code).toBe(0);
  });

  it('refuses what it does not know, and says what to do', async () => {
    const { code, out, err } = await sim('--seeds', 'many');
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(/^--seeds was "many"\. Give a whole number from 1 on\.\n\nRuns whole lives/);
  });
});
