import { isDeepStrictEqual } from 'node:util';
import { createFakeClock, type FakeClock } from '../../src/adapters/memory/fake-clock.ts';
import { createRandom, type Random } from '../engine/random.ts';
import { InvariantBroken } from '../observe/observation.ts';
import { type Book, createBook } from './book.ts';
import { drainStep, repeatStep } from './feed-steps.ts';
import { buryStep, exhumeStep, glanceStep, lateStep, receiveStep, sendStep } from './queue-steps.ts';
import type { Step } from './step.ts';
import {
  createStep,
  dueStep,
  getStep,
  listStep,
  rivalsStep,
  staleStep,
  takenStep,
  updateStep,
} from './store-steps.ts';
import { memorySubject, modelSubject, type Subject, sqliteSubject } from './subject.ts';

const START_MS = Date.UTC(2026, 0, 1);
const DAY_MS = 86_400_000;
/** Of an answer that differs, so much is told. */
const TOLD = 2_000;

export interface History {
  seed: bigint;
  steps: number;
  /** The first is what the others are held against. @default memory, SQLite, the model of DynamoDB */
  open?: readonly ((clock: FakeClock) => Subject | Promise<Subject>)[];
  /** Whether every subject keeps the order of calls made at once, and of its feed. @default true */
  inOrder?: boolean;
}

/**
 * Tells several stores one seeded history, step by step, and holds their answers against each other (invariant 15).
 * @throws InvariantBroken naming the seed, the step and both answers
 */
export async function runHistory(history: History): Promise<void> {
  const { seed, steps, open = [memorySubject, sqliteSubject, modelSubject], inOrder = true } = history;
  const random = createRandom(seed).fork('history');
  const clock = createFakeClock(START_MS);
  const book = createBook();
  const subjects: Subject[] = [];
  try {
    for (const one of open) subjects.push(await one(clock));
    for (let number = 1; number <= steps; number += 1) {
      if (random.chance(0.4)) clock.advance(random.pick([1, 50, 1_000, 30_000, 60_000, DAY_MS]));
      const step = someStep(random, book, clock.now());
      if (!step || (step.needsOrder && !inOrder)) continue;
      await compare(step, subjects, `seed ${seed}, step ${number}: ${step.what}`);
      step.after?.();
    }
  } finally {
    for (const subject of subjects) await subject.close();
  }
}

function someStep(random: Random, book: Book, nowMs: number): Step | null {
  const kind = random.int(100);
  if (kind < 14) return createStep(random, book, nowMs);
  if (kind < 18) return takenStep(random, book, nowMs);
  if (kind < 44) return updateStep(random, book, nowMs);
  if (kind < 52) return staleStep(random, book, nowMs);
  if (kind < 55) return rivalsStep(random, book, nowMs);
  if (kind < 60) return getStep(random, book);
  if (kind < 72) return listStep(random, book);
  if (kind < 77) return dueStep(random, book, nowMs);
  if (kind < 79) return drainStep(random);
  if (kind < 82) return repeatStep(random);
  if (kind < 89) return sendStep(random);
  if (kind < 93) return receiveStep(random);
  if (kind < 95) return glanceStep();
  if (kind < 96) return lateStep();
  return kind < 98 ? buryStep(random) : exhumeStep(random);
}

async function compare(step: Step, subjects: readonly Subject[], where: string): Promise<void> {
  const [reference, ...others] = subjects as [Subject, ...Subject[]];
  const expected = await step.run(reference);
  for (const other of others) {
    const found = await step.run(other);
    if (isDeepStrictEqual(found, expected)) continue;
    throw new InvariantBroken(
      15,
      `${where}\n  ${reference.name}: ${told(expected)}\n  ${other.name}: ${told(found)}`,
    );
  }
}

function told(answer: unknown): string {
  return JSON.stringify(answer, (_name, value: unknown) => (value === undefined ? null : value)).slice(
    0,
    TOLD,
  );
}
