import { fork } from 'node:child_process';
import { join } from 'node:path';
import type { GeneratorMessage, PhaseResult, Plan, Sent } from './traffic.ts';

export interface Generated {
  /** Those that were carried out, in their order. */
  phases: readonly PhaseResult[];
  sent: Sent;
}

export interface Generator {
  finished: Promise<Generated>;
  /** Ends the plan after the phase that is under way. */
  stop(): void;
}

/** How long a generator has to start before its first phase. */
export const GENERATOR_START_MS = 1_500;

/** Carries a plan out in a process of its own. */
export function startGenerator(plan: Plan, onPhase: (phase: PhaseResult) => void = () => {}): Generator {
  const child = fork(join(import.meta.dirname, 'generator.ts'), {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const kill = () => child.kill('SIGKILL');
  process.on('exit', kill);
  const finished = new Promise<Generated>((resolve, reject) => {
    const phases: PhaseResult[] = [];
    let sent: Sent | null = null;
    child.on('message', (message: GeneratorMessage) => {
      if ('sent' in message) sent = message.sent;
      else {
        phases.push(message.phase);
        onPhase(message.phase);
      }
    });
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0 && sent) resolve({ phases: phases.toSorted((a, b) => a.startMs - b.startMs), sent });
      else reject(new Error(`The load generator ended with code ${code} before it had finished.`));
    });
    child.send({ plan });
  }).finally(() => process.off('exit', kill));
  function stop(): void {
    if (!child.connected) return;
    // Whoever ends just now cannot be told any more, and need not be; any other fault is seen by how it ends.
    child.send({ stop: true }, () => undefined);
  }
  return { finished, stop };
}

export function generate(plan: Plan): Promise<Generated> {
  return startGenerator(plan).finished;
}
