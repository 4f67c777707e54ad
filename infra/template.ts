import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { App } from 'aws-cdk-lib';
import { PaymentStack } from './payment-stack.ts';
import { parseContext, SettingsError } from './settings.ts';

/**
 * `node infra/template.ts folder`: the stack's templates by the contexts in the folder's `contexts.json`, as `0.json`,
 * `1.json` … beside it, and nothing that checks them: for those who only read what would be deployed, as the bill
 * does. Several in one process, since loading the CDK and bundling the code take longer than a template. What is
 * deployed is made by app.ts.
 */
function main(folder: string): void {
  const contexts = JSON.parse(readFileSync(join(folder, 'contexts.json'), 'utf8')) as Record<
    string,
    string
  >[];
  for (const [i, context] of contexts.entries()) {
    const app = new App({
      outdir: join(folder, `app-${i}`),
      builtinCloudFormationValidation: false,
      context: { ...commandLineContext(), ...context },
    });
    const stack = new PaymentStack(app, 'Payment', parseContext(app.node.getAllContext()));
    const template: unknown = app.synth().getStackArtifact(stack.artifactId).template;
    writeFileSync(join(folder, `${i}.json`), JSON.stringify(template));
  }
}

/** The CDK's feature flags, which the command line reads there too: without them the template is another. */
function commandLineContext(): Record<string, unknown> {
  const file = readFileSync(resolve(import.meta.dirname, '../cdk.json'), 'utf8');
  return (JSON.parse(file) as { context: Record<string, unknown> }).context;
}

try {
  main(resolve(process.argv[2] ?? '.'));
} catch (error) {
  if (!(error instanceof SettingsError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
