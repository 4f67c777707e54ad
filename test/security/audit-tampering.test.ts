import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type AuditFolder,
  auditFolder,
  countingTimers,
  entries as fileEntries,
} from '../../src/adapters/files/audit-folder.fixture.ts';
import { readFilesAuditLog } from '../../src/adapters/files/files-audit-reader.ts';
import { segmentName } from '../../src/adapters/files/segments.ts';
import { type MemoryHeads, memoryHeads } from '../../src/adapters/s3/memory-heads.fixture.ts';
import {
  type MemoryObjects,
  memoryObjects,
  entries as objectEntries,
  recordingLogger,
} from '../../src/adapters/s3/memory-objects.fixture.ts';
import { createObjectAuditLog } from '../../src/adapters/s3/s3-audit-log.ts';
import { chainEntry, GENESIS_HASH } from '../../src/domain/audit-chain.ts';
import type { AuditLog, AuditVerdict } from '../../src/ports/audit-log.ts';

/** A log whose bytes an insider can write as he likes, and its head or anchor too. */
interface TamperedLog {
  /** All records, in order, with their newlines. */
  lines: readonly string[];
  /** Puts these records in the place of the log's. */
  write(lines: readonly string[]): void;
  /** Sets the head, or anchor, to the end of these records: what only an insider with a second right can. */
  setHead(lines: readonly string[]): void;
  verify(notedHead?: string): Promise<AuditVerdict>;
  remove(): Promise<void>;
}

const RECORDS = 20;
/** Records of a segment or object. */
const PER_PART = 4;
const LAST_PART = RECORDS / PER_PART;

/** The records as they are parted into segments or objects; the last one takes whatever is left. */
function parted(lines: readonly string[]): string[] {
  const parts: string[] = [];
  for (let part = 0; part < LAST_PART; part += 1) {
    const end = part === LAST_PART - 1 ? undefined : (part + 1) * PER_PART;
    parts.push(lines.slice(part * PER_PART, end).join(''));
  }
  return parts.filter((text) => text !== '');
}

async function logInFiles(): Promise<TamperedLog> {
  const at: AuditFolder = auditFolder();
  // Each segment is full after the records of one append.
  const log = await at.open({ segmentBytes: 1 });
  for (let n = 1; n <= RECORDS; n += PER_PART) await log.append(fileEntries(PER_PART, n), String(n));
  await log.close();
  const lines = [...at.read().values()].flatMap((bytes) => bytes.toString().match(/.*\n/g) ?? []);
  return {
    lines,
    write(damaged) {
      at.write(
        new Map(parted(damaged).map((text, index) => [segmentName(index + 1), Buffer.from(text)] as const)),
      );
    },
    setHead(kept) {
      const parts = parted(kept);
      const bytes = Buffer.byteLength(parts.at(-1) ?? '');
      at.anchor.head = { records: kept.length, hash: hashOf(kept), segment: parts.length, bytes };
    },
    verify: (noted) =>
      readFilesAuditLog({ folder: at.folder, anchor: at.anchor, timers: countingTimers() }).verify(noted),
    remove: () => at.remove(),
  };
}

async function logInObjects(): Promise<TamperedLog> {
  const objects: MemoryObjects = memoryObjects();
  const heads: MemoryHeads = memoryHeads();
  const deps = { timers: { sleep: async () => undefined }, ids: { random: () => 0 } };
  const log: AuditLog = createObjectAuditLog({ objects, heads, logger: recordingLogger(), ...deps });
  for (let n = 1; n <= RECORDS; n += PER_PART) await log.append(objectEntries(PER_PART, n), String(n));
  const lines: string[] = [];
  for await (const line of log.lines()) lines.push(`${line}\n`);
  return {
    lines,
    write(damaged) {
      objects.kept.clear();
      for (const [index, text] of parted(damaged).entries()) objects.kept.set(index + 1, gzipSync(text));
    },
    setHead(kept) {
      heads.head = { object: parted(kept).length, records: kept.length, hash: hashOf(kept) };
    },
    verify: (noted) => log.verify(noted),
    remove: async () => undefined,
  };
}

const hashOf = (lines: readonly string[]): string =>
  lines.length === 0 ? GENESIS_HASH : JSON.parse(lines.at(-1) as string).hash;

/** A change to a list of records; `a` and `b` are places in it. */
type Damage = (lines: readonly string[], a: number, b: number, text: string) => string[];

const DAMAGES: Record<string, Damage> = {
  edit: (lines, a, b, text) =>
    lines.map((line, n) => {
      if (n !== a) return line;
      const at = b % (line.length - 1);
      return `${line.slice(0, at)}${text}${line.slice(at + text.length, -1)}\n`;
    }),
  drop: (lines, a) => lines.filter((_, n) => n !== a),
  swap: (lines, a, b) => lines.map((line, n) => (n === a ? lines[b] : n === b ? lines[a] : line)) as string[],
  'insert a copy': (lines, a, b) => lines.toSpliced(a, 0, lines[b] as string),
  'insert a forged record': (lines, a, _, note) =>
    lines.toSpliced(a, 0, `${chainEntry(hashOf(lines.slice(0, a)), { payment_id: 'forged', note }).line}\n`),
  truncate: (lines, a) => lines.slice(0, a),
  'cut off in the middle': (lines, a, b) => [
    ...lines.slice(0, a),
    (lines[a] as string).slice(0, b % (lines[a] as string).length),
  ],
  'drop the beginning': (lines, a) => lines.slice(a + 1),
  /** One value changed, and everything from there on hashed anew: whole in itself. */
  'forge the chain': (lines, a, b) => {
    let hash = hashOf(lines.slice(0, a));
    return lines.map((line, n) => {
      if (n < a) return line;
      const { hash: _, ...entry } = JSON.parse(line);
      const next = chainEntry(hash, n === a ? { ...entry, version: 2 + b } : entry);
      hash = next.hash;
      return `${next.line}\n`;
    });
  },
  'move on': (lines, a, b) => lines.toSpliced(a, 1).toSpliced(b, 0, lines[a] as string),
};

/** Damage that leaves lines which are no records cannot be followed by one that reads them. */
const READS = new Set(['forge the chain', 'insert a forged record']);

const place = fc.nat(RECORDS - 1);
const text = fc.string({ minLength: 1, maxLength: 3, unit: fc.constantFrom(...'0123456789aeA",:{} \\x') });
const options = { numRuns: 30, seed: 1 };

describe.each([
  ['files', logInFiles],
  ['objects', logInObjects],
] as const)('an audit log in %s', (_, open) => {
  let log: TamperedLog;

  beforeAll(async () => {
    log = await open();
    expect(log.lines).toHaveLength(RECORDS);
  });
  afterAll(() => log.remove());

  it('is whole before it is damaged, and so it is when its own records are written again', async () => {
    expect(await log.verify()).toMatchObject({ ok: true, head: { records: RECORDS } });
    log.write(log.lines);
    expect(await log.verify()).toMatchObject({ ok: true, head: { records: RECORDS } });
  });

  it.each(Object.keys(DAMAGES))('is found damaged, always, after: %s', async (name) => {
    let damaged = 0;
    await fc.assert(
      fc.asyncProperty(place, place, text, async (a, b, given) => {
        const lines = (DAMAGES[name] as Damage)(log.lines, a, b, given);
        if (lines.join('') === log.lines.join('')) return;
        damaged += 1;
        log.write(lines);
        expect((await log.verify()).ok).toBe(false);
      }),
      options,
    );
    expect(damaged).toBeGreaterThan(options.numRuns * 0.8);
  });

  it('is found damaged after several of them, one upon the other', async () => {
    const step = fc.tuple(fc.constantFrom(...Object.keys(DAMAGES)), place, place, text);
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 4 }), async (steps) => {
        let lines = [...log.lines];
        for (const [index, [name, a, b, given]] of steps.entries()) {
          if (lines.length < 2 || (index > 0 && READS.has(name))) continue;
          lines = (DAMAGES[name] as Damage)(lines, a % lines.length, b % lines.length, given);
        }
        if (lines.join('') === log.lines.join('')) return;
        log.write(lines);
        expect((await log.verify()).ok).toBe(false);
      }),
      options,
    );
  });

  describe('whose own head was set back as well', () => {
    afterAll(() => {
      log.write(log.lines);
      log.setHead(log.lines);
    });

    it('looks whole, cut off at any record: only a head that was noted elsewhere tells, and it always does', async () => {
      const noted = hashOf(log.lines);
      for (let kept = 1; kept < RECORDS; kept += 1) {
        const lines = log.lines.slice(0, kept);
        log.write(lines);
        log.setHead(lines);
        expect(await log.verify()).toMatchObject({ ok: true, head: { records: kept } });
        expect((await log.verify(noted)).ok).toBe(false);
        // A head that was noted before the cut is still there: nothing that it vouches for was touched.
        expect((await log.verify(hashOf(lines.slice(0, 1)))).ok).toBe(true);
      }
    });

    it('looks whole, forged from any record on: the same holds', async () => {
      const noted = hashOf(log.lines);
      for (let from = 0; from < RECORDS; from += 1) {
        const lines = (DAMAGES['forge the chain'] as Damage)(log.lines, from, 1, '');
        log.write(lines);
        log.setHead(lines);
        expect(await log.verify()).toMatchObject({ ok: true, head: { records: RECORDS } });
        expect((await log.verify(noted)).ok).toBe(false);
        if (from > 0) expect((await log.verify(hashOf(log.lines.slice(0, from)))).ok).toBe(true);
      }
    });
  });
});
