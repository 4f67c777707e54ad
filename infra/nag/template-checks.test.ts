import { CfnResource, Validations } from 'aws-cdk-lib';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { TEMPLATE_VALIDATION } from './packs.ts';
import { TEMPLATE_FLAGS, TEMPLATE_VALIDATION_CONTEXT, templateValidators } from './template-checks.ts';
import { ENGINE_START_MS, validate } from './validations.fixture.ts';

/** A queue whose one property the tests spoil; nothing in the constructs' types stops them. */
function spoil(properties: Record<string, unknown>, context?: Record<string, unknown>) {
  return validate((stack, app) => {
    const queue = new CfnResource(stack, 'Queue', { type: 'AWS::SQS::Queue', properties: {} });
    for (const [name, value] of Object.entries(properties)) queue.addPropertyOverride(name, value);
    Validations.of(app).addPlugins(...templateValidators());
  }, context);
}

describe('The validators of the template', { timeout: ENGINE_START_MS }, () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it('find nothing in a good template', () => {
    expect(spoil({ VisibilityTimeout: 360 }).open).toEqual([]);
  });

  it.each([
    ['a property that does not exist', { VisibilityTimeut: 360 }, 'F3002'],
    ['a value out of bounds', { MessageRetentionPeriod: 2_000_000 }, 'F3034'],
    ['a reference to nothing', { KmsMasterKeyId: { Ref: 'NoSuchKey' } }, 'F1020'],
  ])('find %s, which came by an override', (_what, properties, rule) => {
    const { open } = spoil(properties);
    expect(open.map((finding) => [finding.pack, finding.rule, finding.severity, finding.path])).toEqual([
      [TEMPLATE_VALIDATION, rule, 'error', 'Stack/Queue'],
    ]);
  });

  it('fail where the flag is missing, without which errors are only warnings', () => {
    // The CDK prints that it makes warnings of errors.
    vi.spyOn(console, 'error').mockReturnValue();
    const { open } = spoil({ VisibilityTimeut: 360 }, {});
    expect(open.map((finding) => [finding.pack, finding.severity])).toEqual([
      [TEMPLATE_VALIDATION, 'warning'],
      [TEMPLATE_FLAGS, 'error'],
    ]);
    const [flag] = Object.keys(TEMPLATE_VALIDATION_CONTEXT);
    expect(open.at(-1)?.description).toContain(flag);
  });
});
