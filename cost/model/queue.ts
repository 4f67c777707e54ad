import type { Usage } from '../bill/usage.ts';
import type { Units } from '../meter/measured.ts';
import type { DeploymentFacts } from '../template/facts.ts';
import { figure } from './figure.ts';
import type { Load } from './load.ts';
import { LONG_POLL_SECONDS, QUEUE_POLLERS, SECONDS_PER_MONTH } from './stated.ts';

interface Input {
  readonly facts: DeploymentFacts;
  readonly load: Load;
  /** Of all functions in the month. */
  readonly total: Units;
}

/** What the functions ask of SQS, and what Lambda's poller and the fleet ask beside them. */
export function queueUsages({ facts, load, total }: Input): Usage[] {
  const { worker } = load.invoked;
  const usages: Usage[] = Object.entries(total)
    .filter(([name, quantity]) => name.startsWith('sqs.') && quantity > 0)
    .map(([name, quantity]) => ({
      component: 'queue',
      what: `${name.slice('sqs.'.length)}, of the functions`,
      price: 'sqs.std',
      quantity,
      basis: 'metered',
      derivation: `${figure(quantity / load.paymentsPerMonth)} for each payment`,
    }));
  const idle = SECONDS_PER_MONTH / LONG_POLL_SECONDS;
  if (facts.worker.enabled) {
    usages.push({
      component: 'queue',
      what: "received and deleted by Lambda's poller",
      price: 'sqs.std',
      quantity: worker.invocations * 2 + QUEUE_POLLERS * idle,
      basis: 'metered',
      derivation: `${figure(worker.invocations)} batches of ${figure(worker.size)}, ${QUEUE_POLLERS} pollers that find nothing`,
    });
  }
  if (load.fleet) {
    const { messages, instances } = load.fleet;
    usages.push({
      component: 'queue',
      what: 'received and deleted by the fleet',
      price: 'sqs.std',
      quantity: 2 * messages + instances * idle,
      basis: 'metered',
      derivation: `${figure(messages)} messages, ${instances} pollers that find nothing`,
    });
  }
  return usages;
}
