import type {
  OutboxEvent,
  SimulatedOperation,
  SimulatorMemory,
  SimulatorStorage,
} from '../../src/connectors/simulator/simulator-storage.ts';
import type { PspAnswer } from '../../src/domain/answer.ts';
import type { PspRequest } from '../../src/ports/connector.ts';
import type { World } from './world.ts';

export interface PspAsked {
  call: 'execute' | 'lookup';
  request: PspRequest;
}

/** What is watched of the PSP's memory, at the moment that something happens to it. */
export interface PspWatch {
  /** Every operation as it is, by key, in the order of execution. */
  readonly operations: ReadonlyMap<string, SimulatedOperation>;
  /** The next step is what is done for this. */
  begins(asked: PspAsked | null): void;
  readonly storage: SimulatorStorage;
}

export interface PspWatchers {
  onInsert(operation: SimulatedOperation): void;
  onEvent(event: OutboxEvent): void;
}

/** What a step came to, for the observer. */
function answerFrom(result: unknown): PspAnswer | null | Error {
  if (result === 'unavailable' || result === 'lost') return new Error(result);
  if (result === null) return null;
  return 'answer' in (result as object) ? (result as { answer: PspAnswer }).answer : (result as PspAnswer);
}

export function watchPspStorage(
  world: World,
  storage: SimulatorStorage,
  { onInsert, onEvent }: PspWatchers,
): PspWatch {
  const operations = new Map<string, SimulatedOperation>();
  let begun: PspAsked | null = null;

  function watched(memory: SimulatorMemory): SimulatorMemory {
    return {
      ...memory,
      insert(operation) {
        memory.insert(operation);
        operations.set(operation.request.idempotency_key, operation);
        world.count(`psp:${operation.request.kind}.${operation.outcome}`);
        onInsert(operation);
      },
      update(operation) {
        memory.update(operation);
        operations.set(operation.request.idempotency_key, operation);
      },
      addEvent(event) {
        memory.addEvent(event);
        onEvent(event);
      },
      replaceEvent(event) {
        memory.replaceEvent(event);
        onEvent(event);
      },
    };
  }

  return {
    operations,
    begins(asked) {
      begun = asked;
    },
    storage: {
      ...storage,
      within(group, step) {
        const asked = begun;
        begun = null;
        return storage.within(group, (memory) => {
          if (asked === null) return step(watched(memory));
          try {
            const result = step(watched(memory));
            world.see({ kind: 'psp', ...asked, answer: answerFrom(result) });
            return result;
          } catch (error) {
            world.see({ kind: 'psp', ...asked, answer: error as Error });
            throw error;
          }
        });
      },
    },
  };
}
