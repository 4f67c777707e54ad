import { createCallbackSigner } from '../../src/connectors/simulator/callback-signature.ts';
import type { Sign } from './player.ts';

/** @param secret of the simulator's call-backs */
export function createSigning(secret: string, nowMs: () => number): Sign {
  const signer = createCallbackSigner(secret);
  return ({ eventId, ageSeconds }, body) => {
    // The signature is over bytes; those of Latin-1 are what is sent, and the signer takes text in UTF-8.
    const at = Math.floor(nowMs() / 1_000) - ageSeconds;
    return Object.entries(signer.sign(eventId, at, body.toString('utf8')));
  };
}
