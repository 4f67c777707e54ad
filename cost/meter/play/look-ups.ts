import { tokenEvent } from '../../../src/lambda/events.fixture.ts';
import { authorizerHandler } from '../../../src/wiring-aws/authorizer.ts';
import type { MeteredCloud } from '../cloud/metered-cloud.ts';
import { type Meter, unmetered } from '../invocation.ts';
import type { Sample } from './play-round.ts';

const LOOK_UPS = 20;
/** The authorizer asks about the queue again after five seconds: each of these does. */
const BETWEEN_LOOK_UPS_MS = 6_000;

/** Look-ups of a key that the gateway does not remember any more. */
export async function lookUpKey(cloud: MeteredCloud, key: string, by: Meter): Promise<Sample[]> {
  const authorizer = authorizerHandler(cloud.config);
  const ask = () => authorizer(tokenEvent(`Bearer ${key}`));
  await unmetered.invoke(ask);
  const samples: Sample[] = [];
  for (let n = 0; n < LOOK_UPS; n += 1) {
    await cloud.advance(BETWEEN_LOOK_UPS_MS);
    const { answer, units } = await by.invoke(ask);
    if (answer.policyDocument.Statement[0]?.Effect !== 'Allow')
      throw new Error('The authorizer refused its key.');
    samples.push({ size: 1, units });
  }
  return samples;
}
