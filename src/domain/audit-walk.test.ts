import { describe, expect, it } from 'vitest';
import { chainEntry, GENESIS_HASH } from './audit-chain.ts';
import { type ChainBreak, createChainWalk } from './audit-walk.ts';

function chain(count: number, previousHash = GENESIS_HASH, mark = 'n'): { line: string; hash: string }[] {
  let hash = previousHash;
  return Array.from({ length: count }, (_, index) => {
    const chained = chainEntry(hash, { [mark]: index + 1 });
    hash = chained.hash;
    return chained;
  });
}

/** Walks until something is wrong. The place of a line is its index. */
function walked(lines: readonly { line: string }[], notedHead?: string) {
  const walk = createChainWalk<number>(notedHead);
  let broken: ChainBreak<number> | null = null;
  for (let index = 0; index < lines.length && !broken; index += 1) {
    broken = walk.take(Buffer.from((lines[index] as { line: string }).line), index);
  }
  return { walk, broken };
}

describe('walking along a chain', () => {
  it('ends at the head of a chain that is whole', () => {
    const lines = chain(5);
    const { walk, broken } = walked(lines);
    expect(broken).toBeNull();
    expect(walk.head()).toEqual({ records: 5, hash: lines[4]?.hash });
  });

  it('meets a head that one of the records has, and no other', () => {
    const lines = chain(5);
    expect(walked(lines).walk.met()).toBe(true);
    expect(walked(lines, lines[1]?.hash).walk.met()).toBe(true);
    expect(walked(lines.slice(0, 1), lines[1]?.hash).walk.met()).toBe(false);
  });

  it('stops at a record that does not follow from the one before it', () => {
    const lines = chain(5);
    expect(walked(lines.toSpliced(2, 1)).broken).toMatchObject({ record: 3, place: 2 });
  });

  it('stops at a record that is no record', () => {
    const { broken } = walked(chain(5).with(3, { line: 'hello', hash: '' }));
    expect(broken).toMatchObject({ record: 4, problem: 'Record 4 is not JSON: it was edited, or cut.' });
  });

  it('calls a record that stands twice a repeat', () => {
    const lines = chain(5);
    const { broken } = walked(lines.toSpliced(4, 0, lines[1] as { line: string; hash: string }));
    expect(broken).toEqual({ record: 5, place: 4, problem: 'Record 5 repeats record 2: it was inserted.' });
  });

  it('names the first of the records that were inserted, although each follows from the one before it', () => {
    const lines = chain(5);
    const inserted = chain(3, lines[1]?.hash, 'forged');
    expect(walked(lines.toSpliced(2, 0, ...inserted)).broken).toMatchObject({
      record: 3,
      place: 2,
      problem: 'Record 6 follows from record 2: what stands between them was inserted.',
    });
  });

  it('still finds the break, if not its beginning, when more was inserted than it remembers', () => {
    const lines = chain(4);
    const inserted = chain(1_100, lines[1]?.hash, 'forged');
    expect(walked(lines.toSpliced(2, 0, ...inserted)).broken).toMatchObject({ record: 1_103, place: 1_102 });
  });
});
