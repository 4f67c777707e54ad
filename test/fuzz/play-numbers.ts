import type { Connection } from './connection.ts';
import type { Generator } from './generate.ts';
import type { Finding, Player } from './player.ts';

export interface Played {
  findings: readonly Finding[];
  /** Until all but the slow ones were answered. */
  seconds: number;
}

interface Options {
  player: Player;
  generator: Generator;
  count: number;
  connections: number;
  /** So many findings are enough: the rest would mostly repeat them. */
  mostFindings: number;
  /** Kinds that are left out. @default none */
  without?: readonly string[];
  onProgress?: (done: number) => void;
}

/** How often progress is told: every so many numbers. */
const PROGRESS_EVERY = 1_000;

/** Plays numbers from 0, several at once. The slow ones begin before all others, so that nothing waits for them in the end. */
export async function playNumbers(options: Options): Promise<Played> {
  const {
    player,
    generator,
    count,
    connections,
    mostFindings,
    without = [],
    onProgress = () => undefined,
  } = options;
  const findings: Finding[] = [];
  const running = new Map<number, Promise<void>>();
  const slow = new Set<number>();
  for (let number = 0; number < count; number++) {
    if (generator.kindOf(number) === 'slow' && !without.includes('slow')) slow.add(number);
  }
  let next = 0;
  let played = 0;

  async function play(number: number, connection: Connection): Promise<void> {
    const finding = await player.play(number, connection);
    if (finding) findings.push(finding);
    played++;
    if (played % PROGRESS_EVERY === 0) onProgress(played);
  }

  /** What a number needs has begun before it, and never waits for a later one. */
  async function whenNeedsAreMet(number: number, connection: Connection): Promise<void> {
    for (const needed of generator.exchange(number).needs) await running.get(needed);
    await play(number, connection);
  }

  async function worker(): Promise<void> {
    const connection = player.connect();
    while (next < count && findings.length < mostFindings) {
      const number = next++;
      if (slow.has(number) || without.includes(generator.kindOf(number))) continue;
      const done = whenNeedsAreMet(number, connection);
      running.set(number, done);
      await done;
      running.delete(number);
    }
    connection.close();
  }

  async function playSlow(number: number): Promise<void> {
    const connection = player.connect();
    await play(number, connection);
    connection.close();
  }

  const startedAt = performance.now();
  const slowly = Promise.all([...slow].map(playSlow));
  await Promise.all(Array.from({ length: connections }, worker));
  const seconds = (performance.now() - startedAt) / 1_000;
  await slowly;
  return { findings, seconds };
}
