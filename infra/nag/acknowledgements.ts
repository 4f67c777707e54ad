import { CfnElement, type Stack, Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { PACK_NAMES, TEMPLATE_VALIDATION } from './packs.ts';
import { flatText } from './template-values.ts';
import type { ValidationReport } from './validation-report.ts';

/** Why one finding is right as it is. */
export interface Acknowledgement {
  /**
   * As the report names it, with the finding: `AwsSolutions-IAM5[Resource::*]`; or `W3030` of the template. `{path}` in
   * it stands for the logical id of the resource at that path, which nobody should have to write down.
   */
  readonly rule: string;
  /** Path of a construct below the stack; what stands below it is covered too. Empty for the whole stack. */
  readonly path: string;
  /** A sentence that an assessor would accept, of at least 40 characters. */
  readonly reason: string;
}

/** An acknowledgement as it stands in the construct tree and in the report. */
export interface AppliedAcknowledgement {
  readonly id: string;
  readonly path: string;
  readonly reason: string;
}

/** Shorter ones are words like "not needed". */
const MIN_REASON_CHARACTERS = 40;

/** The same reason often holds for what several packs call by different names, and at several constructs. */
export function acknowledge(
  rules: readonly string[],
  paths: readonly string[],
  reason: string,
): Acknowledgement[] {
  return rules.flatMap((rule) => paths.map((path) => ({ rule, path, reason })));
}

/**
 * Writes the list to the constructs of a stack, so that the report has each as acknowledged, with its reason.
 * @throws where a construct does not exist, a reason is short, or the same thing is acknowledged twice.
 */
export function applyAcknowledgements(
  stack: Stack,
  list: readonly Acknowledgement[],
): AppliedAcknowledgement[] {
  const applied = new Map<string, AppliedAcknowledgement>();
  for (const { rule, path, reason } of list) {
    const what = `The acknowledgement of ${rule} at "${path}"`;
    if (reason.trim().length < MIN_REASON_CHARACTERS) {
      throw new Error(
        `${what} needs a reason of ${MIN_REASON_CHARACTERS} characters or more; got "${reason}"`,
      );
    }
    const construct = find(stack, path);
    if (!construct)
      throw new Error(`${what} is for a construct that the stack ${stack.node.path} does not have`);
    const id = qualify(rule.replace(/\{([^}]+)\}/g, (_, of: string) => logicalId(stack, of)));
    const key = `${id} ${construct.node.path}`;
    if (applied.has(key)) throw new Error(`${what} is there twice`);
    Validations.of(construct).acknowledge({ id, reason });
    applied.set(key, { id, path: construct.node.path, reason });
  }
  return [...applied.values()];
}

/**
 * What was acknowledged and is not found any more (or is covered by another acknowledgement, nearer to the finding).
 * The list must then become shorter: a stale acknowledgement would cover the next mistake at that place.
 */
export function unusedAcknowledgements(
  report: ValidationReport,
  applied: readonly AppliedAcknowledgement[],
): AppliedAcknowledgement[] {
  const used = new Set(report.acknowledged.map((found) => `${found.acknowledgedId} ${found.acknowledgedAt}`));
  return applied.filter(({ id, path }) => !used.has(`${id} ${path}`));
}

/**
 * Acknowledgements that the report will never show, as `path: id`. An unqualified id
 * (`Validations.of(x).acknowledge({ id: 'AwsSolutions-S1' })`) makes cdk-nag drop the finding before the CDK sees it.
 */
export function hiddenAcknowledgements(root: IConstruct): string[] {
  return root.node.findAll().flatMap((construct) =>
    construct.node.metadata
      .filter((entry) => entry.type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
      .flatMap((entry) => Object.keys(entry.data ?? {}))
      .filter((id) => packOf(id.replace(/^annotation::/i, '')) !== undefined)
      .map((id) => `${construct.node.path}: ${id}`),
  );
}

function find(stack: Stack, path: string): IConstruct | undefined {
  const steps = path === '' ? [] : path.split('/');
  return steps.reduce<IConstruct | undefined>((scope, id) => scope?.node.tryFindChild(id), stack);
}

function logicalId(stack: Stack, path: string): string {
  const construct = find(stack, path);
  const resource = construct?.node.defaultChild ?? construct;
  if (!resource || !CfnElement.isCfnElement(resource)) {
    throw new Error(`"${path}" in an acknowledgement is no resource`);
  }
  return flatText(stack.resolve(resource.logicalId));
}

function packOf(rule: string): string | undefined {
  return PACK_NAMES.find((name) => rule.startsWith(`${name}-`));
}

/** The CDK matches `<plugin>::<rule>`, with hyphens for spaces. */
function qualify(rule: string): string {
  const plugin = packOf(rule) ?? (/^[A-Z]\d{4}$/.test(rule) ? TEMPLATE_VALIDATION : undefined);
  if (!plugin) {
    throw new Error(
      `"${rule}" is no rule of ${PACK_NAMES.join(', ')} or of the template validation (such as W3030)`,
    );
  }
  return `${plugin}::${rule}`.replaceAll(' ', '-');
}
