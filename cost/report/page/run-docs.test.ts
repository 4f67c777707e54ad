import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { collected, createTestSources } from '../report.fixture.ts';
import { runDocs } from './run-docs.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tollgate-cost-docs-'));
});
afterEach(() => rmSync(root, { recursive: true }));

async function run(...argv: string[]) {
  const io = collected();
  const exit = await runDocs(argv, io, createTestSources(), root);
  return { exit, ...io.texts() };
}

describe('npm run cost:docs', () => {
  it('writes what the check then finds as it should be', async () => {
    expect(await run()).toEqual({ exit: 0, out: '', err: '' });
    expect(readFileSync(join(root, 'docs/cost.md'), 'utf8')).toMatch(/^# What a payment costs\n/);
    expect(await run('--check')).toEqual({ exit: 0, out: '', err: '' });
  });

  it('names the files that are not what the sources give, and the command to run', async () => {
    await run();
    appendFileSync(join(root, 'docs/cost.md'), 'more');
    rmSync(join(root, 'docs/cost/volume.svg'));
    expect(await run('--check')).toEqual({
      exit: 1,
      out: '',
      err: 'docs/cost.md, docs/cost/volume.svg: not what the sources give. Run: npm run cost:docs\n',
    });
  });

  it('explains itself', async () => {
    expect((await run('--help')).out).toMatch(/^Usage: npm run cost:docs/);
  });

  it.each(['--nonsense', 'extra', '--check=no'])('refuses %s and writes nothing', async (argument) => {
    const { exit, out, err } = await run(argument);
    expect([exit, out]).toEqual([2, '']);
    expect(err).toContain('Usage:');
    expect((await run('--check')).exit).toBe(1);
  });
});
