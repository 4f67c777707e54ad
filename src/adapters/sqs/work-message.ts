import type { WorkItem } from '../../ports/work-queue.ts';

/** The body of a message. */
export function writeMessage({ merchant_id, livemode, payment_id, operation_id, attempt }: WorkItem): string {
  return JSON.stringify({ merchant_id, livemode, payment_id, operation_id, attempt });
}

/** Null for whatever Tollgate did not write. Members that a later version may add are left out. */
export function readMessage(body: string | undefined): WorkItem | null {
  const given = parsed(body ?? '');
  if (typeof given !== 'object' || given === null) return null;
  const { merchant_id, livemode, payment_id, operation_id, attempt } = given as Record<string, unknown>;
  if (!isName(merchant_id) || !isName(payment_id) || !isName(operation_id)) return null;
  if (typeof livemode !== 'boolean' || !isCount(attempt)) return null;
  return { merchant_id, livemode, payment_id, operation_id, attempt };
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
