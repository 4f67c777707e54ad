import { describe, expect, it } from 'vitest';
import { createTestSources } from '../report.fixture.ts';
import { renderDocs } from './render-docs.ts';

describe('the generated page', async () => {
  const files = await renderDocs(createTestSources());
  const page = files.get('docs/cost.md') ?? '';

  it('is the same on every run', async () => {
    expect(await renderDocs(createTestSources())).toEqual(files);
  });

  it('has the charts that it shows', () => {
    const shown = [...page.matchAll(/!\[[^\]]+\]\(([^)]+)\)/g)].map(([, path]) => `docs/${path}`);
    expect(shown.toSorted()).toEqual([...files.keys()].filter((path) => path.endsWith('.svg')).toSorted());
  });

  it('has every part that is asked of it', () => {
    const parts = [...page.matchAll(/^## (.+)$/gm)].map(([, title]) => title);
    expect(parts).toEqual([
      'How it is worked out',
      'How sure it is',
      'Part by part',
      'What a choice costs',
      'What a quarter of the reference would take',
      'What moves the total most',
      'The whole bill: `prod`, 10 million payments a month',
      'The whole bill: the reference as written, 10 million payments a month',
      'What the reference saves against its "before"',
      'What is assumed of the payments',
      'Prices',
    ]);
  });

  it('keeps lines within 140 characters outside tables and what cannot be broken', () => {
    const long = page.split('\n').filter((line) => line.length > 140 && !/^\||^!\[|^<!--/.test(line));
    expect(long).toEqual([]);
  });

  it('has as many cells in each row of a table as in its head', () => {
    let width = 0;
    for (const line of page.split('\n')) {
      if (!line.startsWith('|')) {
        width = 0;
        continue;
      }
      const cells = line.replaceAll('\\|', '').split('|').length;
      if (width !== 0) expect(cells, line).toBe(width);
      width = cells;
    }
  });

  it('is not written where the template has what nobody knows the price of', async () => {
    const sources = createTestSources([{ logicalId: 'Racks', type: 'AWS::New::Thing' }]);
    await expect(renderDocs(sources)).rejects.toThrow('AWS::New::Thing (Racks)');
  });
});
