import type { AuditEntry } from '../../ports/audit-log.ts';

/**
 * Those entries that an object does not hold yet: an append whose answer was lost, or whose process died before the
 * head was moved, comes again with the same batch.
 */
export function withoutHeld(entries: readonly AuditEntry[], lines: readonly Uint8Array[]): AuditEntry[] {
  const held = new Set(lines.map((line) => identity(JSON.parse(new TextDecoder().decode(line)))));
  return entries.filter((entry) => !held.has(identity(entry)));
}

/** A change is told by payment and version (invariant 9); its kind keeps a note about a change apart from it. */
function identity(entry: AuditEntry): string {
  const { merchant_id, livemode, payment_id, version, kind, hash: _, ...others } = entry;
  if (payment_id !== undefined && version !== undefined)
    return JSON.stringify([merchant_id, livemode, payment_id, version, kind]);
  return JSON.stringify({ merchant_id, livemode, payment_id, version, kind, ...others });
}
