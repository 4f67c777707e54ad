/** A package that an installation brings, as a line of the committed list says it. */
export interface Component {
  name: string;
  version: string;
  /** Whether the product needs it, or only its tests and its deployment. */
  use: 'runtime' | 'development';
  license: string;
}

interface Described {
  name: string;
  version: string;
  /** `pkg:npm/%40scope/name@1.2.3`. What it is; the name may be an alias under which it is installed. */
  purl?: string;
  properties?: { name: string; value: string }[];
  licenses?: { license?: { id?: string; name?: string }; expression?: string }[];
}

const DEVELOPMENT = 'cdx:npm:package:development';

/**
 * The components of a software bill of materials (CycloneDX 1.5, as `npm sbom` makes it), sorted; each once.
 * @throws TypeError if it is none, or names no component: a list of nothing would agree with everything
 */
export function componentsOf(sbom: unknown): Component[] {
  const { bomFormat, components } = (sbom ?? {}) as { bomFormat?: unknown; components?: Described[] };
  if (bomFormat !== 'CycloneDX' || !Array.isArray(components) || components.length === 0)
    throw new TypeError('This is no software bill of materials in CycloneDX, or one without components.');
  const lines = new Map<string, Component>();
  for (const { properties = [], licenses = [], ...described } of components) {
    const { name, version } = identityOf(described);
    const isDevelopment = properties.some((property) => property.name === DEVELOPMENT);
    const license = licenses.map(({ license: one, expression }) => one?.id ?? one?.name ?? expression);
    lines.set(`${name}@${version}`, {
      name,
      version,
      use: isDevelopment ? 'development' : 'runtime',
      license: license.join(' AND ') || 'not stated',
    });
  }
  return [...lines.values()].sort(
    (a, b) => compare(b.use, a.use) || compare(a.name, b.name) || compare(a.version, b.version),
  );
}

function identityOf({ name, version, purl }: Described): { name: string; version: string } {
  const [, known, of] = /^pkg:npm\/(.+)@([^@?]+)/.exec(purl ?? '') ?? [];
  return known && of ? { name: decodeURIComponent(known), version: of } : { name, version };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

const HEAD = `# Every package that an installation brings, by package-lock.json: made by "npm run sbom", compared in CI.
# A change here is a change of what runs with the product, or builds it: it wants a reason in the commit message.
`;

export function renderComponents(components: readonly Component[]): string {
  const lines = components.map(
    ({ use, name, version, license }) => `${use.padEnd(12)}${name}@${version}  ${license}`,
  );
  return `${HEAD}${lines.join('\n')}\n`;
}

export interface Difference {
  added: string[];
  gone: string[];
}

/** Lines that only one of two lists has; comments aside. */
export function differenceOf(committed: string, now: string): Difference {
  const linesOf = (text: string) => text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const [before, after] = [new Set(linesOf(committed)), new Set(linesOf(now))];
  return {
    added: [...after].filter((line) => !before.has(line)),
    gone: [...before].filter((line) => !after.has(line)),
  };
}
