/** What became of asking the registry for advisories. */
export type AuditVerdict =
  | { kind: 'clean'; packages: number }
  | { kind: 'vulnerable'; findings: string[] }
  /** Not a fault of ours, and no proof of anything. */
  | { kind: 'not_asked'; reason: string };

interface AuditReport {
  vulnerabilities?: Record<string, { severity?: string; range?: string; fixAvailable?: unknown }>;
  metadata?: { dependencies?: { total?: number } };
  message?: string;
  error?: { code?: string; summary?: string };
}

/** Reads what `npm audit --json` printed; it exits with 1 both for a finding and where nobody answered. */
export function readAudit(printed: string): AuditVerdict {
  const report = parsed(printed);
  if (report === null) return { kind: 'not_asked', reason: 'npm printed no report' };
  if (report.vulnerabilities === undefined) {
    const { message, error } = report;
    return { kind: 'not_asked', reason: message || error?.summary || error?.code || 'npm gave no reason' };
  }
  const findings = Object.entries(report.vulnerabilities).map(
    ([name, { severity = 'of unknown severity', range = '', fixAvailable }]) =>
      `${name} ${range}: ${severity}, ${fixAvailable ? 'a fix is available' : 'no fix is known'}`,
  );
  if (findings.length > 0) return { kind: 'vulnerable', findings };
  return { kind: 'clean', packages: report.metadata?.dependencies?.total ?? 0 };
}

function parsed(text: string): AuditReport | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
