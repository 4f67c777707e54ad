/** What somebody printed meanwhile, to both of the process's streams. */
export interface Captured<T> {
  readonly answer: T;
  readonly lines: readonly string[];
  /** With the ends of lines. */
  readonly bytes: number;
}

/** Keeps from the terminal what a function writes to its log; one at a time, since the streams are the process's own. */
export async function capturingOutput<T>(work: () => Promise<T>): Promise<Captured<T>> {
  let text = '';
  const streams = [process.stdout, process.stderr].map((stream) => ({ stream, write: stream.write }));
  const take = (chunk: string | Uint8Array): boolean => {
    text += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
    return true;
  };
  for (const { stream } of streams) stream.write = take;
  try {
    const answer = await work();
    const lines = text.split('\n').filter((line) => line !== '');
    return { answer, lines, bytes: Buffer.byteLength(text) };
  } finally {
    for (const { stream, write } of streams) stream.write = write;
  }
}
