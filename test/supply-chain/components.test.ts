import { describe, expect, it } from 'vitest';
import { componentsOf, differenceOf, renderComponents } from './components.ts';

const DEVELOPMENT = [{ name: 'cdx:npm:package:development', value: 'true' }];

function sbom(...components: object[]): object {
  return { bomFormat: 'CycloneDX', specVersion: '1.5', components };
}

const ZOD = { name: 'zod', version: '4.0.0', licenses: [{ license: { id: 'MIT' } }] };
const AJV = {
  name: 'ajv',
  version: '8.0.0',
  properties: DEVELOPMENT,
  licenses: [{ expression: 'MIT OR GPL' }],
};

describe('the list of components', () => {
  it('has each once, what the product needs first, then by name', () => {
    const text = renderComponents(componentsOf(sbom(AJV, { name: 'b', version: '1.0.0' }, ZOD, ZOD)));
    const lines = text.split('\n').filter((line) => !line.startsWith('#'));
    expect(lines).toEqual([
      'runtime     b@1.0.0  not stated',
      'runtime     zod@4.0.0  MIT',
      'development ajv@8.0.0  MIT OR GPL',
      '',
    ]);
  });

  it('has what a package is, and not the alias under which it is installed', () => {
    const alias = { name: '@some/alias', version: '2.8.1', purl: 'pkg:npm/%40real/name@2.8.1' };
    expect(componentsOf(sbom(alias))).toMatchObject([{ name: '@real/name', version: '2.8.1' }]);
  });

  it('is not made of what is no bill of materials, or an empty one', () => {
    for (const text of [null, {}, [], { bomFormat: 'SPDX', components: [ZOD] }, sbom()])
      expect(() => componentsOf(text)).toThrow('no software bill of materials');
  });

  it('differs by what was added, what is gone, and what has another version, use or license', () => {
    const one = renderComponents(componentsOf(sbom(AJV, ZOD)));
    expect(differenceOf(one, one)).toEqual({ added: [], gone: [] });
    expect(differenceOf(one, `# another head\n${one}`)).toEqual({ added: [], gone: [] });
    const newer = renderComponents(
      componentsOf(sbom({ ...AJV, properties: [] }, { ...ZOD, version: '4.0.1' })),
    );
    expect(differenceOf(one, newer)).toEqual({
      added: ['runtime     ajv@8.0.0  MIT OR GPL', 'runtime     zod@4.0.1  MIT'],
      gone: ['runtime     zod@4.0.0  MIT', 'development ajv@8.0.0  MIT OR GPL'],
    });
  });
});
