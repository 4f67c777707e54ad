import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLogStream } from './log-stream.ts';

type Done = (error: NodeJS.ErrnoException | null, written: number, buffer: Buffer) => void;

/** A file whose writes end as the test says, and which holds what it was given. */
function scripted() {
  const held: Buffer[] = [];
  const script: (string | number)[] = [];
  function taken(bytes: Buffer): number {
    const next = script.shift();
    if (typeof next === 'string') throw Object.assign(new Error(next), { code: next });
    const count = Math.min(bytes.length, next ?? bytes.length);
    held.push(Buffer.from(bytes.subarray(0, count)));
    return count;
  }
  function write(_fd: number, bytes: Buffer, done: Done): void {
    try {
      const count = taken(bytes);
      setTimeout(() => done(null, count, bytes), 1);
    } catch (error) {
      setTimeout(() => done(error as NodeJS.ErrnoException, 0, bytes), 1);
    }
  }
  const writeSync = (_fd: number, bytes: Buffer, offset: number) => taken(bytes.subarray(offset));
  const stream = createLogStream(2, write as never, writeSync as never);
  return {
    stream,
    will: (...next: (string | number)[]) => script.push(...next),
    text: () => String(Buffer.concat(held)),
  };
}

const LOST = /^\{"level":"warn","time":"[^"]+","lines":(\d+),"msg":"[^"]+"\}$/;
const SOON_MS = 300;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('the stream of the log', () => {
  it('gathers lines, and writes them within a moment', () => {
    const { stream, text } = scripted();
    stream.write('one\n');
    stream.write('two\n');
    expect(text()).toBe('');
    vi.advanceTimersByTime(SOON_MS);
    expect(text()).toBe('one\ntwo\n');
  });

  it('writes at once what is much, a piece at a time if the file takes no more', () => {
    const { stream, will, text } = scripted();
    const line = `${'x'.repeat(10_000)}\n`;
    will(4_000, 3_000);
    stream.write(line);
    stream.write('last\n');
    vi.advanceTimersByTime(SOON_MS);
    expect(text()).toBe(`${line}last\n`);
  });

  it('loses what a full disk does not take, goes on, and then says how much that was', () => {
    const { stream, will, text } = scripted();
    will('ENOSPC', 'ENOSPC');
    for (const line of ['1\n', '2\n']) stream.write(line);
    vi.advanceTimersByTime(SOON_MS);
    stream.write('3\n');
    vi.advanceTimersByTime(SOON_MS);
    stream.write('4\n');
    vi.advanceTimersByTime(SOON_MS);
    stream.write('5\n');
    vi.advanceTimersByTime(SOON_MS);
    const [notice = '', ...rest] = text().split('\n');
    expect([LOST.exec(notice)?.[1], rest]).toEqual(['3', ['4', '5', '']]);
  });

  it('begins a new line after one that was cut', () => {
    const { stream, will, text } = scripted();
    will(3, 'EIO');
    stream.write('a line\n');
    vi.advanceTimersByTime(SOON_MS);
    stream.write('next\n');
    vi.advanceTimersByTime(SOON_MS);
    expect(text()).toMatch(/^a l\n\{.*"lines":1.*\}\nnext\n$/);
  });

  it('waits for a reader that is behind, and keeps no more for it than fits into its bounds', () => {
    const { stream, will, text } = scripted();
    will('EAGAIN', 'EAGAIN');
    const line = `${'x'.repeat(99_999)}\n`;
    for (let n = 0; n < 60; n++) stream.write(line);
    vi.advanceTimersByTime(1_000);
    stream.write('end\n');
    vi.advanceTimersByTime(1_000);
    expect(text().match(/x\n/g)).toHaveLength(42);
    expect([text().includes('"lines":18,'), text().endsWith('x\nend\n')]).toEqual([true, true]);
  });
});

describe('flushing', () => {
  it('writes what is buffered, at once', () => {
    const { stream, will, text } = scripted();
    will(2, 'EAGAIN');
    stream.write('one\n');
    stream.flush();
    expect(text()).toBe('one\n');
  });

  it('gives up where the disk is full, and where nobody reads', () => {
    vi.useRealTimers();
    const { stream, will, text } = scripted();
    will('ENOSPC', ...Array.from({ length: 10 }, () => 'EAGAIN'));
    stream.write('one\n');
    stream.flush();
    vi.spyOn(Atomics, 'wait').mockReturnValue('timed-out');
    stream.write('two\n');
    stream.flush();
    vi.restoreAllMocks();
    expect(text()).toBe('');
    stream.write('three\n');
    stream.flush();
    expect(text()).toMatch(/"lines":2,.*\}\nthree\n$/);
  });

  // As a disk that is full: what SonicBoom waits for in vain, for ever.
  it.runIf(existsSync('/dev/full'))('gives up at a device that is always full', () => {
    vi.useRealTimers();
    const fd = openSync('/dev/full', 'w');
    const stream = createLogStream(fd);
    stream.write('one\n');
    stream.flush();
    closeSync(fd);
  });

  it('does so with the real file system', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tollgate-'));
    const fd = openSync(join(folder, 'log'), 'w');
    const stream = createLogStream(fd);
    stream.write('one\n');
    stream.flush();
    expect(readFileSync(join(folder, 'log'), 'utf8')).toBe('one\n');
    closeSync(fd);
    rmSync(folder, { recursive: true });
  });
});
