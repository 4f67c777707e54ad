import { runChecked } from '../run-checked.ts';
import type { LifeFailure } from '../run-life.ts';
import { FAULT_KINDS } from '../world/faults.ts';
import { minimize, optionsOf } from './minimize.ts';
import type { FailedLife } from './summary.ts';

/** Of a trace that is still long, the end tells more than the beginning. */
const MOST_LINES = 120;

/** Seed, event, invariant, and the lines of the smallest life that still breaks it. */
export async function renderFailure({ seed, runtime, failure }: FailedLife): Promise<string> {
  const smallest = await minimize(BigInt(seed), runtime, failure);
  const lines: string[] = [];
  const options = { ...optionsOf(smallest), trace: (line: string) => lines.push(line) };
  await runChecked(BigInt(seed), runtime, options);
  const about = lines.filter(concerns(smallest.failure.message));
  const shown = about.slice(-MOST_LINES);
  const left = FAULT_KINDS.filter((kind) => !smallest.off.includes(kind));
  return [
    `seed ${seed} (${runtime}) at event ${failure.event}: ${title(failure.invariant)}`,
    `  ${failure.message}`,
    `  again: npm run sim -- --seed ${seed} --runtime ${runtime} --trace`,
    `  smallest (${smallest.reruns} reruns, ${lines.length} events, faults left: ${left.join(', ') || 'none'}):`,
    `  ${smallest.failure.message}`,
    ...(shown.length < about.length ? [`  … ${about.length - shown.length} lines before`] : []),
    ...shown.map((line) => `  ${line}`),
    '',
  ].join('\n');
}

export function title(invariant: LifeFailure['invariant']): string {
  if (invariant === 'crash') return 'something threw that must not';
  return invariant === 'stuck' ? 'it never comes to rest (invariant 12)' : `invariant ${invariant} is broken`;
}

/** Whether a line is about the payment that the message names, or about a machine as a whole; else every line is. */
function concerns(message: string): (line: string) => boolean {
  const [, merchant, payment] = /(?:test|live)\/([^/\s]+)\/(\S+)/.exec(message) ?? [];
  if (merchant === undefined || payment === undefined) return () => true;
  return (line) => line.includes(payment) || / (?:crashes|starts|calm|drained)/.test(line);
}
