import { write as fsWrite, writeSync as fsWriteSync } from 'node:fs';

export interface LogStream {
  write(line: string): void;
  /** Writes what is still buffered, as far as the file takes it. */
  flush(): void;
}

/** Lines gathered before they are written at once: a line of log must not cost a system call for each request. */
const BUFFER_CHARS = 8 * 1_024;
/** How long a line may stay in the buffer. */
const FLUSH_EVERY_MS = 250;
/** Lines that nobody takes are kept up to this; a reader that has stopped must not fill the memory. */
const MOST_CHARS = 4 * 1_024 * 1_024;
/** Pause before a reader that is behind is offered more. */
const BUSY_PAUSE_MS = 100;
/** How often at the end: a second in all, which a reader that is alive needs least of. */
const LAST_TRIES = 10;

/** Those with lines that are not written yet; a process that ends writes them. */
const unwritten = new Set<LogStream>();
process.on('exit', () => {
  for (const stream of unwritten) stream.flush();
});

/**
 * Writes lines to a file descriptor, and never stops a payment for it. What the file does not take because its disk is
 * full or fails is lost, and counted; the count is told with the next line that is taken. (SonicBoom, which pino comes
 * with, ends the process at such an error, and then waits for ever to write its last lines.)
 */
export function createLogStream(fd: number, write = fsWrite, writeSync = fsWriteSync): LogStream {
  let lines: string[] = [];
  let chars = 0;
  let lost = 0;
  /** The last write ended within a line. */
  let torn = false;
  let writing = false;
  let timer: NodeJS.Timeout | null = null;

  function take(): { bytes: Buffer; count: number } {
    const count = lines.length;
    const text = lines.join('');
    const notice = lost > 0 ? lostNotice(lost) : '';
    const taken = { bytes: Buffer.from(`${torn ? '\n' : ''}${notice}${text}`), count };
    lines = [];
    chars = 0;
    return taken;
  }

  function begin(): void {
    if (timer) clearTimeout(timer);
    timer = null;
    if (writing || lines.length === 0) return;
    writing = true;
    const { bytes, count } = take();
    put(bytes, count, lost);
  }

  function put(bytes: Buffer, count: number, told: number): void {
    write(fd, bytes, (error, written) => {
      const rest = error ? bytes : bytes.subarray(written);
      if (error && isBusy(error)) setTimeout(put, BUSY_PAUSE_MS, bytes, count, told);
      else if (!error && rest.length > 0) put(rest, count, told);
      else {
        writing = false;
        ended(error, count, told);
        if (chars >= BUFFER_CHARS) begin();
      }
      if (!error) torn = rest.length > 0;
    });
  }

  function ended(error: unknown, count: number, told: number): void {
    if (error) lost += count;
    else lost -= told;
    if (lines.length === 0 && !writing) unwritten.delete(stream);
  }

  const stream: LogStream = {
    write(line) {
      if (chars + line.length > MOST_CHARS) {
        lost++;
        return;
      }
      unwritten.add(stream);
      lines.push(line);
      chars += line.length;
      if (chars >= BUFFER_CHARS) begin();
      else timer ??= setTimeout(begin, FLUSH_EVERY_MS).unref();
    },
    flush() {
      if (lines.length === 0) return;
      const told = lost;
      const { bytes, count } = take();
      let done = 0;
      for (let tries = 0; done < bytes.length && tries < LAST_TRIES; ) {
        try {
          done += writeSync(fd, bytes, done);
        } catch (error) {
          if (!isBusy(error)) break;
          tries++;
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BUSY_PAUSE_MS);
        }
      }
      const isWhole = done === bytes.length;
      if (done > 0) torn = !isWhole;
      ended(isWhole ? null : 'cut short', count, told);
    },
  };
  return stream;
}

/** Whoever reads the other end of a pipe is behind. */
function isBusy(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'EAGAIN' || code === 'EBUSY';
}

function lostNotice(lines: number): string {
  const time = new Date().toISOString();
  return `${JSON.stringify({ level: 'warn', time, lines, msg: 'so many lines of the log were lost: it could not be written' })}\n`;
}
