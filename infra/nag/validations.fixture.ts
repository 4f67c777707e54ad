import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { TEMPLATE_VALIDATION_CONTEXT } from './template-checks.ts';
import { readValidationReport, type ValidationReport } from './validation-report.ts';

/** The engine of the template validation is compiled once in a process: two seconds, and many on a busy machine. */
export const ENGINE_START_MS = 120_000;

/** Synthesises a stack that a test fills, and reads what the plugins say, without the CDK throwing at findings. */
export function validate(
  fill: (stack: Stack, app: App) => void,
  context: Readonly<Record<string, unknown>> = TEMPLATE_VALIDATION_CONTEXT,
): ValidationReport {
  const outdir = mkdtempSync(join(tmpdir(), 'validations-'));
  try {
    const app = new App({
      outdir,
      builtinCloudFormationValidation: false,
      context: { ...context, '@aws-cdk/core:failSynthOnValidationErrors': false },
    });
    fill(new Stack(app, 'Stack', { env: { region: 'us-east-1' } }), app);
    app.synth();
    return readValidationReport(outdir);
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}
