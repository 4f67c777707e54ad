import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

/** Conventions are tests: the import table of ARCHITECTURE.md, calls that the core must not make, dead files. */

const root = resolve(import.meta.dirname, '..');

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
}

interface Import {
  file: string;
  /** A path from the root for our own files, else the package's name. */
  target: string;
  typeOnly: boolean;
}

/** What a file imports: static imports and exports, and `import()`; comments and strings do not look like either. */
function imports(file: string): Import[] {
  const text = readFileSync(join(root, file), 'utf8');
  const found = text.matchAll(
    /^(?:import|export)\s+(type\s)?[^'"]*?from\s+'([^']+)'|^import\s+'([^']+)'|import\('([^']+)'\)/gm,
  );
  return [...found].map(([, type, from, bare, dynamic]) => {
    const target = from ?? bare ?? dynamic ?? '';
    const own = target.startsWith('.');
    return {
      file,
      target: own ? relative(root, resolve(root, dirname(file), target)) : target,
      typeOnly: type !== undefined,
    };
  });
}

const isTest = (file: string) => /\.(test|fixture|contract)\.ts$/.test(file);
const product = sources('src').filter((file) => !isTest(file));

/** The SDK that each adapter is there for. */
const ADAPTER_PACKAGES: Readonly<Record<string, readonly string[]>> = {
  prometheus: ['prom-client'],
  pino: ['pino', 'pino-pretty'],
  dynamodb: ['@aws-sdk/client-dynamodb'],
  sqs: ['@aws-sdk/client-sqs'],
  s3: ['@aws-sdk/client-s3'],
  'secrets-manager': ['@aws-sdk/client-secrets-manager'],
};

/** Which folders a folder may import from; packages are named apart. First match counts. */
const TABLE: readonly { from: string; own: readonly string[]; packages: readonly string[] }[] = [
  { from: 'src/domain/', own: ['src/domain/'], packages: ['node:crypto'] },
  { from: 'src/ports/', own: ['src/domain/', 'src/ports/'], packages: [] },
  {
    from: 'src/app/',
    own: ['src/domain/', 'src/ports/', 'src/app/'],
    packages: ['node:crypto', 'node:zlib', 'node:buffer'],
  },
  ...[
    'sqlite',
    'memory',
    'files',
    'system',
    'prometheus',
    'pino',
    'emf',
    'lines',
    'dynamodb',
    'sqs',
    's3',
    'secrets-manager',
  ].map((name) => ({
    from: `src/adapters/${name}/`,
    own: ['src/domain/', 'src/ports/', `src/adapters/${name}/`],
    packages: ['node:', ...(ADAPTER_PACKAGES[name] ?? [])],
  })),
  {
    from: 'src/connectors/simulator/',
    own: ['src/domain/', 'src/ports/', 'src/connectors/simulator/'],
    packages: ['node:', '@aws-sdk/client-dynamodb'],
  },
  {
    from: 'src/http/',
    own: ['src/domain/', 'src/ports/', 'src/app/', 'src/http/'],
    packages: ['zod', 'node:http', 'node:buffer'],
  },
  {
    from: 'src/lambda/',
    own: ['src/domain/', 'src/ports/', 'src/app/', 'src/http/', 'src/lambda/'],
    packages: ['aws-lambda', 'node:buffer'],
  },
  {
    from: 'src/threads/',
    own: ['src/domain/', 'src/ports/', 'src/app/', 'src/adapters/sqlite/', 'src/threads/'],
    packages: ['node:worker_threads'],
  },
  { from: 'src/fleet/', own: ['src/ports/', 'src/app/', 'src/fleet/'], packages: ['node:http'] },
  { from: 'src/config.ts', own: ['src/domain/'], packages: ['zod'] },
  { from: 'src/aws-config.ts', own: ['src/config.ts'], packages: ['zod'] },
  {
    from: 'src/wiring-aws/',
    own: [
      'src/domain/',
      'src/ports/',
      'src/app/',
      'src/adapters/',
      'src/connectors/',
      'src/http/',
      'src/lambda/',
      'src/fleet/',
      'src/config.ts',
      'src/aws-config.ts',
      'src/wiring-aws/',
    ],
    packages: [
      'aws-lambda',
      '@aws-sdk/client-ssm',
      '@aws-sdk/client-dynamodb',
      '@aws-sdk/credential-provider-env',
    ],
  },
  {
    from: 'src/wiring.ts',
    own: [
      'src/domain/',
      'src/ports/',
      'src/app/',
      'src/adapters/',
      'src/connectors/',
      'src/http/',
      'src/config.ts',
      'src/wiring-edge.ts',
    ],
    packages: ['node:path'],
  },
  { from: 'src/wiring-edge.ts', own: ['src/ports/', 'src/app/', 'src/http/', 'src/config.ts'], packages: [] },
  {
    from: 'src/cli/',
    own: [
      'src/domain/',
      'src/ports/',
      'src/app/',
      'src/adapters/',
      'src/connectors/',
      'src/http/schemas.ts',
      'src/http/validate.ts',
      'src/http/present.ts',
      'src/cli/',
      'src/config.ts',
      'src/wiring.ts',
      'src/wiring-aws/tool.ts',
      'src/entrypoints/run-server.ts',
      'src/entrypoints/run-worker.ts',
    ],
    packages: ['node:', 'commander', 'cli-progress', 'csv-parse', 'zod', 'package.json'],
  },
  {
    from: 'src/entrypoints/',
    own: ['src/'],
    packages: ['node:'],
  },
];

describe('the import table', () => {
  it('has a line for every source file', () => {
    expect(product.filter((file) => !TABLE.some(({ from }) => file.startsWith(from)))).toEqual([]);
  });

  it('is kept by every import', () => {
    const broken = product.flatMap((file) => {
      const rule = TABLE.find(({ from }) => file.startsWith(from));
      return imports(file)
        .filter(({ target }) => {
          const allowed = target.startsWith('src/') ? rule?.own : rule?.packages;
          return !allowed?.some(
            (start) =>
              target === start ||
              target.startsWith(start.endsWith('/') || start.endsWith(':') ? start : `${start}/`),
          );
        })
        .map(({ target }) => `${file} imports ${target}`);
    });
    expect(broken).toEqual([]);
  });

  it('has no adapter that imports a sibling', () => {
    const broken = product
      .filter((file) => file.startsWith('src/adapters/'))
      .flatMap((file) => {
        const own = file.split('/').slice(0, 3).join('/');
        return imports(file).filter(
          ({ target }) => target.startsWith('src/adapters/') && !target.startsWith(`${own}/`),
        );
      });
    expect(broken).toEqual([]);
  });
});

/** Text of a file without comments, so that a rule's name in a sentence breaks nothing. */
function code(file: string): string {
  return readFileSync(join(root, file), 'utf8')
    .replaceAll(/\/\*[\s\S]*?\*\//g, '')
    .replaceAll(/(^|\s)\/\/.*$/gm, '');
}

describe('the core', () => {
  const core = product.filter((file) => /^src\/(domain|ports|app|http|connectors)\//.test(file));
  const BANNED: readonly [RegExp, string][] = [
    [/\bDate\.now\(/, 'take the time from the Clock'],
    [/\bnew Date\(\)/, 'take the time from the Clock'],
    [/\bMath\.random\(/, 'take chance from Ids.random'],
    [/\brandomUUID\(|\brandomBytes\(/, 'take ids from Ids.next'],
    [/\bset(Timeout|Interval)\(/, 'wait with Timers.sleep'],
    [/\bprocess\.env\b/, 'take settings from the configuration'],
    [/\bperformance\.now\(|\bhrtime\b/, 'measure with Metrics.stopwatch'],
    [/\bconsole\./, 'log with the Logger'],
  ];

  it('asks the ports for time, chance, ids and waiting', () => {
    const found = core.flatMap((file) =>
      BANNED.filter(([pattern]) => pattern.test(code(file))).map(
        ([pattern, instead]) => `${file}: ${pattern.source}: ${instead}`,
      ),
    );
    expect(found).toEqual([]);
  });

  it('has no float in money: no parseFloat, no toFixed, no division of amounts', () => {
    const domain = product.filter((file) => file.startsWith('src/domain/'));
    expect(domain.filter((file) => /parseFloat|\.toFixed\(|amount\w*\s*\/\s/.test(code(file)))).toEqual([]);
  });
});

describe('the tree', () => {
  const everything = ['src', 'sim', 'test', 'bench', 'demo', 'infra', 'cost'].flatMap(sources);

  it('has no file that nothing imports', () => {
    const entry =
      /^(src\/entrypoints\/(server|cli|openapi|fleet|http-thread|lambda-[a-z]+)\.ts|src\/wiring-aws\/environment-credentials\.ts|test\/|bench\/(bench|cpu|lambda|load|fill|bare-server|tollgate-server)\.ts|demo\/demo\.ts|sim\/(sim|mutants\/main|mutants\/hunt-worker|report\/seed-worker|differential\/differential)\.ts|infra\/(app|synth|preflight|template|example\/app)\.ts|infra\/edge\/body-hash\.ts|cost\/(cost|budget\/check|meter\/meter|meter\/cloud\/cloud-process|report\/docs)\.ts)/;
    const imported = new Set(everything.flatMap((file) => imports(file).map(({ target }) => target)));
    expect(
      everything.filter((file) => !entry.test(file) && !/\.test\.ts$/.test(file) && !imported.has(file)),
    ).toEqual([]);
  });

  it('has no skipped or focused test without a reason, and no silenced checker', () => {
    const forbidden =
      /\b(?:it|test|describe)\.(?:skip|only|todo)\(|@ts-(?:ignore|nocheck)|\bas any\b(?! \w)|biome-ignore(?! lint\/\S+: \S)/;
    const self = 'test/tidy.test.ts';
    expect(
      everything.filter((file) => file !== self && forbidden.test(readFileSync(join(root, file), 'utf8'))),
    ).toEqual([]);
  });

  it('has no folder for things without a name', () => {
    expect(everything.filter((file) => /\/(?:utils?|helpers?|common|misc)(?:\/|\.ts$)/.test(file))).toEqual(
      [],
    );
  });

  it('keeps lines within 120 characters, but for what cannot be broken', () => {
    const long = everything.flatMap((file) =>
      readFileSync(join(root, file), 'utf8')
        .split('\n')
        .map((line, i) => ({ line, at: `${file}:${i + 1}` }))
        .filter(({ line }) => line.length > 120 && !/['"`/]/.test(line))
        .map(({ at }) => at),
    );
    expect(long).toEqual([]);
  });

  it('has kebab-case file names', () => {
    const odd = everything.filter(
      (file) => !/^[a-z0-9/-]+(?:\.(?:test|fixture|contract|property|fault|emulator))*\.ts$/.test(file),
    );
    expect(odd).toEqual([]);
  });
});

describe('the lock file', () => {
  it('names no host that served a package', () => {
    const lock = readFileSync(join(root, 'package-lock.json'), 'utf8');
    expect(lock.match(/"resolved": /g)).toBeNull();
  });
});
