import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type LifeOptions, runLife } from './run-life.ts';
import { FAULT_KINDS, ONLY_IN } from './world/faults.ts';

const SEEDS = Array.from({ length: 20 }, (_, n) => BigInt(n + 1));
const MEMORY: LifeOptions = { runtime: 'memory' };
const ANOTHER_PROCESS = `
  const { runLife } = await import(process.argv[1]);
  console.log((await runLife(3n, { runtime: 'memory' })).traceHash);`;

describe('a life', () => {
  it('has the same trace whenever it is lived again (invariant 16)', async () => {
    const hashes = new Set<string>();
    for (const seed of SEEDS) {
      const first = await runLife(seed, MEMORY);
      const second = await runLife(seed, MEMORY);
      expect(second).toEqual(first);
      hashes.add(first.traceHash);
    }
    expect(hashes.size).toBe(SEEDS.length);
  });

  it('has the same trace in another process', async () => {
    const path = join(import.meta.dirname, 'run-life.ts');
    const node = join(import.meta.dirname, '..', 'node_modules', '.bin', 'node');
    const told = execFileSync(node, ['--input-type=module', '-e', ANOTHER_PROCESS, path], {
      encoding: 'utf8',
    });
    expect(told.trim()).toBe((await runLife(3n, MEMORY)).traceHash);
  });

  it('has a hash over exactly the lines that it tells', async () => {
    const lines: string[] = [];
    const life = await runLife(5n, { ...MEMORY, trace: (line) => lines.push(line) });
    const hash = createHash('sha256').update(lines.map((line) => `${line}\n`).join(''));
    expect(life.traceHash).toBe(hash.digest('hex'));
    expect(lines).toHaveLength(life.events);
    expect(lines[0]).toMatch(/^#1 t=\d+ \S+ /);
  });

  it('goes through some hundred events, meets faults, and comes to its end', async () => {
    let events = 0;
    const met = new Set<string>();
    for (const seed of SEEDS) {
      const life = await runLife(seed, MEMORY);
      expect(life.failure).toBeNull();
      events += life.events;
      for (const what of Object.keys(life.met)) met.add(what);
    }
    expect(events / SEEDS.length).toBeGreaterThan(300);
    expect([...met].filter((what) => what.startsWith('fault:')).length).toBeGreaterThan(15);
    expect(met).toContain('status:completed');
    expect(met).toContain('status:canceled');
  });

  it('meets no fault that is switched off, and lives on as before with the others', async () => {
    const faults = Object.fromEntries(FAULT_KINDS.map((kind) => [kind, 0]));
    for (const seed of SEEDS.slice(0, 5)) {
      const { met, failure } = await runLife(seed, { ...MEMORY, faults });
      expect(failure).toBeNull();
      expect(Object.keys(met).filter((what) => what.startsWith('fault:'))).toEqual([]);
    }
  });

  it('leaves out the payments that it is told to leave out', async () => {
    const lines: string[] = [];
    await runLife(5n, { ...MEMORY, without: [0, 1, 2], trace: (line) => lines.push(line) });
    expect(lines.some((line) => / client-[012] /.test(line))).toBe(false);
    expect(lines.some((line) => line.includes(' client-3 '))).toBe(true);
  });

  it('tells what broke, and at which event', async () => {
    const observe = () => ({
      see({ kind }: { kind: string }) {
        if (kind === 'written') throw new Error('planted');
      },
    });
    const { failure, events } = await runLife(5n, { ...MEMORY, observe });
    expect(failure).toMatchObject({ invariant: 'crash', event: events });
    expect(failure?.message).toContain('planted');
  });

  it('counts as stuck if it does not come to an end', async () => {
    expect((await runLife(5n, { ...MEMORY, events: 50 })).failure).toMatchObject({ invariant: 'stuck' });
  });

  it('names kinds of fault that belong to one runtime only by their names', () => {
    for (const kind of Object.keys(ONLY_IN)) expect(FAULT_KINDS).toContain(kind);
  });
});
