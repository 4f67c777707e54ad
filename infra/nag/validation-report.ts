import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { at, flatText, items } from './template-values.ts';

/** One rule broken by one construct, or one acknowledgement of that. */
export interface Finding {
  /** The plugin's name: a pack's, or that of the template validation. */
  readonly pack: string;
  readonly rule: string;
  /** Path of the construct; empty where a whole plugin failed. */
  readonly path: string;
  readonly severity: string;
  readonly description: string;
}

export interface AcknowledgedFinding extends Finding {
  readonly acknowledgedId: string;
  readonly acknowledgedAt: string;
  readonly reason: string;
}

/**
 * What a synthesis found. A pack that found nothing is not in the report at all, and neither is one that was never
 * registered: only the canary tells them apart.
 */
export interface ValidationReport {
  /** Errors and warnings alike: whether the CDK fails on a warning hangs on what else was acknowledged. */
  readonly open: readonly Finding[];
  readonly acknowledged: readonly AcknowledgedFinding[];
}

/** What the CDK calls it. */
export const REPORT_FILE = 'validation-report.json';

/**
 * Reads the report of a synthesis from its output folder.
 * @throws if there is none: then no plugin ran, or the folder is wrong.
 */
export function readValidationReport(outputFolder: string): ValidationReport {
  return parseValidationReport(JSON.parse(readFileSync(join(outputFolder, REPORT_FILE), 'utf8')));
}

export function parseValidationReport(json: unknown): ValidationReport {
  const reports = at(json, 'pluginReports');
  if (!Array.isArray(reports)) throw new Error('This is no validation report: it has no pluginReports');
  return { open: reports.flatMap(openOf), acknowledged: reports.flatMap(acknowledgedOf) };
}

function openOf(report: unknown): Finding[] {
  const pack = flatText(at(report, 'pluginName'));
  const found = items(at(report, 'violations')).flatMap((violation) => findingsOf(pack, violation));
  const error = flatText(at(report, 'metadata', 'error'));
  if (error === '') return found;
  // The plugin itself failed, so what it would have found is not known.
  return [...found, { pack, rule: 'PluginFailure', path: '', severity: 'error', description: error }];
}

function acknowledgedOf(report: unknown): AcknowledgedFinding[] {
  const pack = flatText(at(report, 'pluginName'));
  return items(at(report, 'suppressedViolations')).flatMap((violation) =>
    findingsOf(pack, violation).map((finding) => ({
      ...finding,
      acknowledgedId: flatText(at(violation, 'acknowledgedId')),
      acknowledgedAt: flatText(at(violation, 'acknowledgedAt')),
      reason: flatText(at(violation, 'reason')),
    })),
  );
}

function findingsOf(pack: string, violation: unknown): Finding[] {
  return items(at(violation, 'violatingConstructs')).map((construct) => ({
    pack,
    rule: flatText(at(violation, 'ruleName')),
    path: flatText(at(construct, 'constructPath')),
    severity: flatText(at(violation, 'severity')),
    description: flatText(at(violation, 'description')),
  }));
}
