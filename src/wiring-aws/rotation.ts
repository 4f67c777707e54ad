import { createRotation } from '../adapters/secrets-manager/rotate-secret.ts';
import { createSecretsClient } from '../adapters/secrets-manager/secrets-client.ts';
import { decodeCursor, encodeCursor } from '../app/list-cursor.ts';

const FILTER = { merchant_id: 'rotation', livemode: false };
const PLACE = { created_at: '2026-01-01T00:00:00.000Z', payment_id: 'rotation' };

/** Whether cursors that a key signs are accepted with it: what the key is for. */
function signsCursors(key: string): boolean {
  return decodeCursor([key], FILTER, encodeCursor([key], FILTER, PLACE)) !== null;
}

/** The function that Secrets Manager calls, once for each step of a rotation. */
export function rotationHandler() {
  return createRotation({ client: createSecretsClient(), isUsable: signsCursors }).handle;
}
