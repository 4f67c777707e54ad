import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import type { Template } from 'aws-cdk-lib/assertions';
import { type AppliedAcknowledgement, applyAcknowledgements } from './nag/acknowledgements.ts';
import { addPacks } from './nag/packs.ts';
import { stackAcknowledgements } from './nag/stack-acknowledgements.ts';
import { readValidationReport, type ValidationReport } from './nag/validation-report.ts';
import { createNames, type Names } from './names.ts';
import { PaymentStack } from './payment-stack.ts';
import { parseContext } from './settings.ts';

/** The feature flags of the CLI: an `App` made without them synthesises another template than the one deployed. */
export const cdkContext = JSON.parse(readFileSync(join(import.meta.dirname, '..', 'cdk.json'), 'utf8'))
  .context as Readonly<Record<string, unknown>>;

/** A stack of one test, as the app makes it: of a region, of no account. */
export function testStack(region = 'us-east-1'): Stack {
  return new Stack(new App({ context: { ...cdkContext } }), 'Test', { env: { region } });
}

export function testNames(environmentSuffix = 'dev123', region = 'us-east-1'): Names {
  return createNames({ environmentSuffix, region });
}

/** A value of a template as it reads when deployed to account 123456789012; what is only known then stays a `<name>`. */
export function deployed(value: unknown): string {
  if (typeof value === 'string') return value;
  const { Ref: ref, 'Fn::Join': join, 'Fn::GetAtt': attribute } = value as Record<string, unknown>;
  if (ref === 'AWS::AccountId') return '123456789012';
  if (ref === 'AWS::Region') return 'us-east-1';
  if (Array.isArray(join)) return (join[1] as unknown[]).map(deployed).join(String(join[0]));
  if (Array.isArray(attribute)) return `<${attribute.join('.')}>`;
  return `<${String(ref)}>`;
}

/** What the command line adds by itself; a deployment's hash depends on the paths. */
const CLI_CONTEXT = {
  'aws:cdk:enable-path-metadata': true,
  'aws:cdk:enable-asset-metadata': true,
  'aws:cdk:version-reporting': false,
};

/** Bundles and the whole stack take a second or two, and many on a busy machine. */
export const SYNTHESIS_MS = 120_000;

/** What a review synthesises: production's figures, with the simulator. */
export const PROD = { profile: 'prod', allowSimulator: 'true' };

type Context = Readonly<Record<string, string>>;

interface Synthesised {
  readonly stack: PaymentStack;
  readonly template: unknown;
}

const known = new Map<string, Synthesised>();

/** The whole stack by context, synthesised once for all tests of a process: it takes a second. */
export function wholeStack(context: Context = {}): Synthesised {
  const key = JSON.stringify(context);
  const found = known.get(key);
  if (found) return found;
  return inFolder((outdir) => {
    const stack = newStack(context, outdir);
    const template: unknown = App.of(stack)?.synth().getStackArtifact(stack.artifactId).template;
    known.set(key, { stack, template });
    return { stack, template };
  });
}

export function wholeTemplate(context: Context = {}): unknown {
  return wholeStack(context).template;
}

export interface CheckedStack {
  readonly stack: PaymentStack;
  readonly report: ValidationReport;
  readonly applied: readonly AppliedAcknowledgement[];
}

/** The whole stack with its acknowledgements, and what all packs say of it: as app.ts makes it, but it never throws. */
export function checkedStack(context: Context): CheckedStack {
  return inFolder((outdir) => {
    const settings = parseContext({ environmentSuffix: 'dev123', ...context });
    const stack = newStack(context, outdir, { '@aws-cdk/core:failSynthOnValidationErrors': false });
    const app = App.of(stack) as App;
    const applied = applyAcknowledgements(stack, stackAcknowledgements(settings));
    const { profile, apiGatewayAccount } = settings;
    addPacks(app, { profile, apiGatewayAccount: apiGatewayAccount === 'create' ? 'create' : 'existing' });
    app.synth();
    return { stack, applied, report: readValidationReport(outdir) };
  });
}

function newStack(context: Context, outdir: string, flags: Readonly<Record<string, unknown>> = {}) {
  const app = new App({
    outdir,
    builtinCloudFormationValidation: false,
    context: { ...cdkContext, ...CLI_CONTEXT, ...flags },
  });
  return new PaymentStack(app, 'Payment', parseContext({ environmentSuffix: 'dev123', ...context }));
}

function inFolder<T>(work: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'stack-'));
  try {
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

type Found = ReturnType<Template['findResources']>[string];

/**
 * The one resource of a type, as it stands in the template.
 * @throws Error if there is none, or more than one
 */
export function soleResource(template: Template, type: string): Found & { Properties: Found } {
  const [found, ...others] = Object.values(template.findResources(type));
  if (!found || others.length > 0) {
    throw new Error(`The template has ${found ? 1 + others.length : 0} of ${type}, and not one.`);
  }
  return found as Found & { Properties: Found };
}
