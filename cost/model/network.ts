import type { Usage } from '../bill/usage.ts';
import type { Units } from '../meter/measured.ts';
import type { Mix } from '../mix/mix.ts';
import type { DeploymentFacts } from '../template/facts.ts';
import { figure } from './figure.ts';
import type { Load } from './load.ts';
import { GIB, QUEUE_REQUEST_BYTES } from './stated.ts';

interface Input {
  readonly facts: DeploymentFacts;
  readonly mix: Mix;
  readonly load: Load;
  /** Of all functions in the month. */
  readonly total: Units;
}

/** What goes through the NAT: SQS, Secrets Manager and the PSP. DynamoDB and S3 have endpoints that cost nothing. */
export function networkUsages({ facts, mix, load, total }: Input): Usage[] {
  const { bytesPerCall } = mix.psp;
  const ofFunctions = total['nat.bytes'] ?? 0;
  const psp = load.pspCalls * bytesPerCall;
  const ofFleet = load.fleet ? 2 * load.fleet.messages * QUEUE_REQUEST_BYTES : 0;
  const toPsp: Usage = {
    component: 'network',
    what: 'data out to the PSP',
    price: 'dto',
    quantity: psp / 2 / GIB,
    basis: 'assumed',
    derivation: `half of ${figure(bytesPerCall)} bytes for each call`,
  };
  if (facts.nat === 'instance') return [toPsp];
  return [
    {
      component: 'network',
      what: 'through the NAT gateway',
      price: 'nat.gb',
      quantity: (ofFunctions + ofFleet + psp) / GIB,
      basis: 'metered',
      derivation: `${figure((ofFunctions + ofFleet) / GIB)} GB of AWS, ${figure(psp / GIB)} GB of the PSP`,
    },
    toPsp,
  ];
}
