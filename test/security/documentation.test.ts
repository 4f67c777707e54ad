import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const PAGE = read('docs/security.md');
const TEXTS = [PAGE, read('SECURITY.md')];

/** The parts of the page that are threats: each is headed by who tries what. */
const threats = PAGE.split(/^## /m)
  .slice(1)
  .filter((part) => !/^(Gaps|PCI DSS)/.test(part));

describe('the page of threats', () => {
  it('has a test for each of the threats', () => {
    expect(threats).toHaveLength(11);
    for (const part of threats) {
      const [title] = part.split('\n');
      const tests = [...part.matchAll(/`([\w./-]+\.(?:test|contract)\.ts)`/g)];
      expect([title, tests.length > 0]).toEqual([title, true]);
    }
  });

  it('names only files that exist', () => {
    const named = TEXTS.flatMap((text) => [...text.matchAll(/`((?:src|test|infra|sim)\/[\w./-]+\.ts)`/g)]);
    expect(named.length).toBeGreaterThan(40);
    expect(named.map(([, file = '']) => file).filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
  });

  it('links only to what exists', () => {
    const linked = [...PAGE.matchAll(/\]\(([^)#:]+)\)/g)].map(([, target = '']) => join('docs', target));
    expect(linked.filter((target) => !existsSync(join(ROOT, target)))).toEqual([]);
  });

  it('names only npm scripts that exist', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const named = TEXTS.flatMap((text) => [...text.matchAll(/`npm run ([\w:-]+)/g)]).map(([, name]) => name);
    expect(named.length).toBeGreaterThan(3);
    expect(named.filter((name) => name !== undefined && !(name in scripts))).toEqual([]);
  });

  it('leaves out none of the security tests', () => {
    const own = ['security', 'supply-chain'].flatMap((folder) =>
      readdirSync(join(ROOT, 'test', folder))
        .filter((name) => name.endsWith('.test.ts'))
        .map((name) => `test/${folder}/${name}`),
    );
    // Tests of what the tests and the commands are made of.
    const ofTools = /\/(documentation|timing-statistics|components|dependency-audit)\.test\.ts$/;
    expect(own.filter((file) => !ofTools.test(file) && !PAGE.includes(file))).toEqual([]);
  });
});
