import { App, CfnResource, Stack } from 'aws-cdk-lib';
import { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnBucket } from 'aws-cdk-lib/aws-s3';
import { CANARY_RESOURCES } from './canary-resources.ts';
import { addPacks } from './packs.ts';
import { TEMPLATE_VALIDATION_CONTEXT } from './template-checks.ts';
import { readValidationReport, type ValidationReport } from './validation-report.ts';

/**
 * A stack in which everything is wrong, checked exactly as the real one is. It must fail every pack: a pack that is
 * not registered, or that no longer works with this version of the CDK, finds nothing in the real stack either.
 * @param outputFolder where the templates and the report are written.
 */
export function sendCanary(outputFolder: string): ValidationReport {
  const app = new App({
    outdir: outputFolder,
    context: {
      ...TEMPLATE_VALIDATION_CONTEXT,
      // It shall fail, and be read, without stopping whoever sent it.
      '@aws-cdk/core:failSynthOnValidationErrors': false,
    },
  });
  const stack = new Stack(app, 'Canary', { env: { region: 'us-east-1' } });
  // The public packs know a resource by its class.
  new CfnBucket(stack, 'AuditBucket', { bucketName: 'payment-audit-logs-canary' });
  const worker = new CfnFunction(stack, 'Worker', {
    code: { zipFile: 'exports.handler = async () => {}' },
    handler: 'index.handler',
    role: 'arn:aws:iam::123456789012:role/canary',
    runtime: 'nodejs16.x',
    timeout: 60,
    deadLetterConfig: { targetArn: 'arn:aws:sqs:us-east-1:123456789012:canary' },
  });
  worker.overrideLogicalId('Worker');
  for (const [id, { Type, Properties }] of Object.entries(CANARY_RESOURCES)) {
    new CfnResource(stack, id, { type: Type, properties: Properties });
  }
  addPacks(app, { profile: 'prod' });
  app.synth();
  return readValidationReport(outputFolder);
}
