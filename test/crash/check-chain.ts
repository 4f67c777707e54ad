import type { AuditHead } from '../../src/ports/audit-log.ts';
import type { Folder } from '../../src/wiring.ts';

/** The chain must be whole, and still hold the head that was noted before. */
export async function checkChain(
  { auditReader }: Folder,
  noted: AuditHead | undefined,
  found: (finding: string) => void,
): Promise<AuditHead | undefined> {
  const verdict = await auditReader.verify(noted?.hash);
  if (verdict.ok) return verdict.head;
  found(`Audit record ${verdict.record} (${verdict.where}): ${verdict.problem}`);
  return noted;
}
