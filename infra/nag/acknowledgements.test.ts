import { CfnResource, type Stack, Validations } from 'aws-cdk-lib';
import { CfnPolicy } from 'aws-cdk-lib/aws-iam';
import { CfnBucket } from 'aws-cdk-lib/aws-s3';
import { AwsSolutionsChecks } from 'cdk-nag';
import { Construct } from 'constructs';
import { describe, expect, it } from 'vitest';
import {
  type Acknowledgement,
  type AppliedAcknowledgement,
  acknowledge,
  applyAcknowledgements,
  hiddenAcknowledgements,
  unusedAcknowledgements,
} from './acknowledgements.ts';
import { stackOf } from './rules.fixture.ts';
import { templateValidators } from './template-checks.ts';
import { ENGINE_START_MS, validate } from './validations.fixture.ts';

const REASON = 'A reason that an assessor accepts, of forty characters and more.';

/** A bucket without logs and TLS, and a policy that allows everything, inside one construct. */
function fill(stack: Stack): void {
  const inside = new Construct(stack, 'Inside');
  new CfnBucket(inside, 'Bucket');
  new CfnPolicy(inside, 'Policy', {
    policyName: 'p',
    roles: ['r'],
    policyDocument: { Statement: [{ Effect: 'Allow', Action: 'xray:PutTraceSegments', Resource: '*' }] },
  });
}

function validated(list: readonly Acknowledgement[]) {
  let applied: AppliedAcknowledgement[] = [];
  const report = validate((stack, app) => {
    fill(stack);
    applied = applyAcknowledgements(stack, list);
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  });
  return { report, unused: unusedAcknowledgements(report, applied) };
}

describe('Acknowledgements', () => {
  it('take one finding of one construct out of the open ones, and the report keeps the reason', () => {
    const { report, unused } = validated([
      { rule: 'AwsSolutions-IAM5[Resource::*]', path: 'Inside/Policy', reason: REASON },
    ]);
    expect(report.open.map(({ rule, path }) => [rule, path])).toEqual([
      ['AwsSolutions-S1', 'Stack/Inside/Bucket'],
      ['AwsSolutions-S10', 'Stack/Inside/Bucket'],
    ]);
    expect(report.acknowledged).toMatchObject([
      { rule: 'AwsSolutions-IAM5[Resource::*]', path: 'Stack/Inside/Policy', reason: REASON },
    ]);
    expect(unused).toEqual([]);
  });

  it('hold for what stands below the path, or for the whole stack', () => {
    const rules = ['AwsSolutions-S1', 'AwsSolutions-S10', 'AwsSolutions-IAM5[Resource::*]'];
    expect(validated(acknowledge(rules, ['Inside'], REASON)).report.open).toEqual([]);
    expect(validated(acknowledge(rules, [''], REASON)).report.open).toEqual([]);
  });

  it('are unused if their rule finds nothing there, or one nearer to the finding covers it', () => {
    const stale = { rule: 'AwsSolutions-SQS3', path: 'Inside/Bucket', reason: REASON };
    const nearer = { rule: 'AwsSolutions-S1', path: 'Inside/Bucket', reason: REASON };
    const wider = { rule: 'AwsSolutions-S1', path: '', reason: REASON };
    const { unused } = validated([stale, nearer, wider]);
    expect(unused.map(({ id, path }) => `${id} at ${path}`)).toEqual([
      'AwsSolutions::AwsSolutions-SQS3 at Stack/Inside/Bucket',
      'AwsSolutions::AwsSolutions-S1 at Stack',
    ]);
  });

  it('must name the finding: the name of the rule alone acknowledges nothing', () => {
    const { report, unused } = validated([{ rule: 'AwsSolutions-IAM5', path: '', reason: REASON }]);
    expect(report.open.map(({ rule }) => rule)).toContain('AwsSolutions-IAM5[Resource::*]');
    expect(unused).toHaveLength(1);
  });

  it('name a resource by its path, since its logical id is nobody’s to remember', () => {
    const stack = stackOf({ Queue: { Type: 'AWS::SQS::Queue' } });
    const rule = 'AwsSolutions-IAM5[Resource::<{Queue}.Arn>/*]';
    const [applied] = applyAcknowledgements(stack, [{ rule, path: 'Queue', reason: REASON }]);
    expect(applied?.id).toBe('AwsSolutions::AwsSolutions-IAM5[Resource::<Queue.Arn>/*]');
    const gone = { rule: rule.replace('Queue', 'Gone'), path: 'Queue', reason: REASON };
    expect(() => applyAcknowledgements(stack, [gone])).toThrow(/"Gone" in an acknowledgement is no resource/);
  });

  it('reach the findings of the template validation', { timeout: ENGINE_START_MS }, () => {
    const report = validate((stack, app) => {
      const queue = new CfnResource(stack, 'Queue', { type: 'AWS::SQS::Queue', properties: {} });
      queue.addPropertyOverride('MessageRetentionPeriod', 2_000_000);
      applyAcknowledgements(stack, [{ rule: 'F3034', path: 'Queue', reason: REASON }]);
      Validations.of(app).addPlugins(...templateValidators());
    });
    expect(report.open).toEqual([]);
    expect(report.acknowledged.map(({ rule }) => rule)).toEqual(['F3034']);
  });

  it.each([
    ['a short reason', { rule: 'AwsSolutions-S1', path: 'Queue', reason: 'not needed' }, /40 characters/],
    ['a construct that is gone', { rule: 'AwsSolutions-S1', path: 'Gone/It', reason: REASON }, /"Gone\/It"/],
    ['a rule of no pack', { rule: 'CKV_AWS_18', path: 'Queue', reason: REASON }, /"CKV_AWS_18" is no rule/],
  ])('refuse %s', (_what, one, message) => {
    const stack = stackOf({ Queue: { Type: 'AWS::SQS::Queue' } });
    expect(() => applyAcknowledgements(stack, [one])).toThrow(message);
  });

  it('refuse the same thing twice', () => {
    const stack = stackOf({ Queue: { Type: 'AWS::SQS::Queue' } });
    const twice = acknowledge(['AwsSolutions-SQS3', 'AwsSolutions-SQS3'], ['Queue'], REASON);
    expect(() => applyAcknowledgements(stack, twice)).toThrow(/is there twice/);
  });
});

describe('Hidden acknowledgements', () => {
  it('are those that make cdk-nag drop a finding before it is reported', () => {
    const hide = (stack: Stack) =>
      Validations.of(stack).acknowledge({ id: 'AwsSolutions-S1', reason: REASON });
    const report = validate((stack, app) => {
      fill(stack);
      hide(stack);
      Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    });
    const reported = [...report.open, ...report.acknowledged].map(({ rule }) => rule);
    expect(reported).not.toContain('AwsSolutions-S1');

    const stack = stackOf({ Queue: { Type: 'AWS::SQS::Queue' } });
    applyAcknowledgements(stack, [{ rule: 'AwsSolutions-SQS3', path: 'Queue', reason: REASON }]);
    expect(hiddenAcknowledgements(stack)).toEqual([]);
    hide(stack);
    expect(hiddenAcknowledgements(stack)).toEqual(['Stack: Annotation::AwsSolutions-S1']);
  });
});
