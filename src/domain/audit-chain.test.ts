import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { chainEntry, checkLine, claimedHash, GENESIS_HASH } from './audit-chain.ts';

const { line, hash } = chainEntry(GENESIS_HASH, { payment_id: 'p1', note: 'ü' });
const bytes = Buffer.from(line);

/** Another line that hashes correctly, without being what the rules make. */
function hashed(body: Buffer): Buffer {
  const own = createHash('sha256').update(GENESIS_HASH).update(body).digest('hex');
  return Buffer.concat([body.subarray(0, -1), Buffer.from(`,"hash":"${own}"}`)]);
}

describe('chaining an entry', () => {
  it('makes the hash the last member, over the previous hash and the line without it', () => {
    const body = '{"payment_id":"p1","note":"ü"}';
    expect(hash).toBe(createHash('sha256').update(`${GENESIS_HASH}${body}`).digest('hex'));
    expect(line).toBe(`{"payment_id":"p1","note":"ü","hash":"${hash}"}`);
  });

  it('gives another hash after another record', () => {
    expect(chainEntry(hash, { payment_id: 'p1', note: 'ü' }).hash).not.toBe(hash);
  });

  it('refuses an entry without members, and one with a hash of its own', () => {
    expect(() => chainEntry(GENESIS_HASH, {})).toThrow('at least one member');
    expect(() => chainEntry(GENESIS_HASH, { hash: 'x' })).toThrow('none named "hash"');
  });
});

describe('checking a line', () => {
  it('accepts what was chained, after the record that it was chained to', () => {
    expect(checkLine(GENESIS_HASH, bytes)).toEqual({ ok: true, hash });
    const next = chainEntry(hash, { payment_id: 'p2' });
    expect(checkLine(hash, Buffer.from(next.line))).toEqual({ ok: true, hash: next.hash });
  });

  it('accepts a line that is a part of other bytes', () => {
    const framed = new Uint8Array(Buffer.concat([Buffer.from('xx'), bytes, Buffer.from('yy')]));
    expect(checkLine(GENESIS_HASH, framed.subarray(2, -2))).toEqual({ ok: true, hash });
  });

  it('refuses it after any other record', () => {
    const check = checkLine('1'.repeat(64), bytes);
    expect(check).toMatchObject({
      ok: false,
      problem: expect.stringContaining('dropped, swapped or inserted'),
    });
  });

  it('refuses every other value of every byte', () => {
    for (let at = 0; at < bytes.length; at += 1) {
      for (let mask = 1; mask < 256; mask <<= 1) {
        const edited = Buffer.from(bytes);
        edited[at] = (edited[at] as number) ^ mask;
        expect(checkLine(GENESIS_HASH, edited).ok, `byte ${at}`).toBe(false);
      }
    }
  });

  it('tells bytes apart that decode to the same text', () => {
    const replaced = hashed(Buffer.from('{"note":"\ufffd"}'));
    const at = replaced.indexOf(0xef);
    const invalid = Buffer.concat([replaced.subarray(0, at), Buffer.from([0xff]), replaced.subarray(at + 3)]);
    expect(checkLine(GENESIS_HASH, replaced).ok).toBe(true);
    expect(invalid.toString()).toBe(replaced.toString());
    expect(checkLine(GENESIS_HASH, invalid).ok).toBe(false);
  });

  it.each([
    ['nothing', '', 'not JSON'],
    ['text', 'hello', 'not JSON'],
    ['JSON without a hash', '{"payment_id":"p1"}', 'does not end in its hash'],
    [
      'JSON with its hash in another place',
      `{"hash":"${hash}","payment_id":"p1"}`,
      'does not end in its hash',
    ],
    ['text before a hash', `{"a":${line.slice(-75)}`, 'not JSON'],
    ['an edited value', line.replace('p1', 'p2'), 'it was edited'],
  ])('says what is wrong with %s', (_, wrong, problem) => {
    expect(checkLine(GENESIS_HASH, Buffer.from(wrong))).toMatchObject({
      ok: false,
      problem: expect.stringContaining(problem),
    });
  });

  it('reads the hash that a line claims', () => {
    expect(claimedHash(bytes)).toBe(hash);
    expect(claimedHash(Buffer.from('{}'))).toBeNull();
  });
});
