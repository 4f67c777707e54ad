import type { Machine } from '../engine/machine.ts';
import { noAnswer, type ServiceCall, serviceError, throttled, type Wire } from '../models/service-call.ts';
import { struck, type World } from './world.ts';

interface Failing {
  when: 'before' | 'after';
  error: Error;
}

/**
 * The way from one machine to the cloud's services. For each attempt: slow, lost on the way there or back, throttled.
 * @param onQueue told after whatever the machine did to a queue
 */
export function createWire(world: World, machine: Machine, onQueue: () => void = () => undefined): Wire {
  return <T>(call: ServiceCall<T>) =>
    machine.io<T>(`${call.operation} ${call.about}`, world.fate(machine, faultOf(world, call)), async () => {
      const answer = call.effect();
      if (call.service === 'sqs') onQueue();
      return answer;
    });
}

function faultOf(world: World, { service, operation, writes }: ServiceCall<unknown>): Failing | undefined {
  const { faults } = world;
  if (service === 'sqs' && faults.strikes('queueFails')) {
    return { when: faults.chance('queueFails').chance(0.5) ? 'before' : 'after', error: noAnswer() };
  }
  if (!writes) {
    const kind = struck(faults, ['throttled', 'readFails']);
    return kind === null
      ? undefined
      : { when: 'before', error: kind === 'throttled' ? throttled() : noAnswer() };
  }
  // What a full disk is to a machine, an outage of the region is here.
  if (world.diskIsFull) {
    return { when: 'before', error: serviceError('InternalServerError', 'Simulated: an outage.', 500) };
  }
  const kinds =
    operation === 'PutObject'
      ? (['throttled', 'auditFailsBefore', 'auditFailsAfter'] as const)
      : (['throttled', 'writeFailsBefore', 'writeFailsAfter'] as const);
  const kind = struck(faults, kinds);
  if (kind === null) return undefined;
  if (kind === 'throttled') return { when: 'before', error: throttled() };
  return { when: kind.endsWith('Before') ? 'before' : 'after', error: noAnswer() };
}
