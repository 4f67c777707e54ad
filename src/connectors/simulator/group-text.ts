import type { PspRequest } from '../../ports/connector.ts';
import { EMPTY_GROUP, type Group } from './group-memory.ts';
import type { SimulatedOperation } from './simulator-storage.ts';

/** An operation as the text holds it: of its request only what the first one's does not say. */
type WrittenOperation = Omit<SimulatedOperation, 'request'> & { request: Partial<PspRequest> };
type WrittenGroup = Partial<Omit<Group, 'operations'>> & { operations?: WrittenOperation[] };

/**
 * A group as JSON. The requests of one payment differ in little: what they share is written once, or a hundred of
 * them with the longest addresses to return to would not fit into one item.
 */
export function encodeGroup(group: Group): string {
  const { operations, attempts, canceled, events } = group;
  const first = operations[0]?.request;
  const written: WrittenGroup = {
    operations: operations.map((operation, n) => ({
      ...operation,
      request: n === 0 || !first ? operation.request : difference(operation.request, first),
    })),
    ...(attempts.length > 0 && { attempts }),
    ...(canceled.length > 0 && { canceled }),
    ...(events.length > 0 && { events }),
  };
  return JSON.stringify(written);
}

export function decodeGroup(text: string): Group {
  const { operations = [], ...rest } = JSON.parse(text) as WrittenGroup;
  // The first one's is written in full.
  const first = operations[0]?.request as PspRequest;
  return {
    ...EMPTY_GROUP,
    ...rest,
    operations: operations.map((operation) => ({
      ...operation,
      request: { ...first, ...operation.request },
    })),
  };
}

function difference(request: PspRequest, first: PspRequest): Partial<PspRequest> {
  const differing = Object.entries(request).filter(
    ([name, value]) => first[name as keyof PspRequest] !== value,
  );
  return Object.fromEntries(differing);
}
