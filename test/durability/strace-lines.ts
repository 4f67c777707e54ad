/** A system call as strace saw it. Places count the lines: what ended before another began has the smaller place. */
export interface SystemCall {
  name: string;
  /** Place of its entry, before the kernel did anything. */
  began: number;
  /** Place of its return. */
  ended: number;
  /** As printed with `-y`: the path of the file, or `socket:[…]`; empty where there is none. */
  file: string;
  /** The first string among the arguments, as bytes. */
  data: Buffer;
  /** What it returned; -1 for any error. */
  result: number;
  /** Strace answered in the kernel's stead. */
  injected: boolean;
}

const LINE = /^(?:\[pid +)?(\d+)\]? +[\d.]+ (.*)$/;
const UNFINISHED = ' <unfinished ...>';
const RESUMED = /^<\.\.\. (\w+) resumed>(.*)$/;
const CALL = /^(\w+)\((.*)\) += (-?\d+)(?:<[^>]*>)?(.*)$/;

/**
 * Reads the output of `strace -f -ttt -y -xx`, a line at a time. A call that another thread interrupts stands in two
 * lines; strace lets a thread go on only after it has written its line, so the order of lines is the order of events.
 */
export function createStraceReader(onCall: (call: SystemCall) => void) {
  const open = new Map<string, { began: number; text: string }>();
  let place = 0;

  function finished(text: string, began: number): void {
    const [, name, args, result, rest] = CALL.exec(text) ?? [];
    if (name === undefined || args === undefined) return;
    const [, file = ''] = /^(?:AT_FDCWD|-?\d+)<([^>]*)>/.exec(args) ?? [];
    const [, data = ''] = /"((?:\\x[0-9a-f]{2})*)"/.exec(args) ?? [];
    onCall({
      name,
      began,
      ended: place,
      file: bytesOf(file).toString(),
      data: bytesOf(data),
      result: Number(result),
      injected: rest?.includes('(INJECTED)') === true,
    });
  }

  return {
    line(line: string): void {
      place++;
      const [, thread, text] = LINE.exec(line) ?? [];
      if (thread === undefined || text === undefined) return;
      if (text.endsWith(UNFINISHED)) {
        open.set(thread, { began: place, text: text.slice(0, -UNFINISHED.length) });
        return;
      }
      const resumed = RESUMED.exec(text);
      const begun = open.get(thread);
      open.delete(thread);
      if (resumed && begun) finished(begun.text + resumed[2], begun.began);
      else if (!resumed) finished(text, place);
    },
  };
}

/** `\x68\x69` as bytes; anything else as it stands. */
function bytesOf(text: string): Buffer {
  return text.startsWith('\\x') ? Buffer.from(text.replaceAll('\\x', ''), 'hex') : Buffer.from(text);
}
