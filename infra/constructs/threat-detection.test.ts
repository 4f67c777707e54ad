import { Template } from 'aws-cdk-lib/assertions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { expect, it } from 'vitest';
import { testNames, testStack } from '../stack.fixture.ts';
import { ThreatDetection, type ThreatDetectionProps } from './threat-detection.ts';

function synthesize(choices: Partial<ThreatDetectionProps>): Template {
  const stack = testStack();
  // A stack without a resource is reported by the template's validation.
  new Topic(stack, 'Topic');
  new ThreatDetection(stack, 'Threats', {
    names: testNames(),
    guardDuty: 'off',
    shieldAdvanced: 'off',
    ...choices,
  });
  return Template.fromStack(stack);
}

it('makes a detector only when asked to: an account has one per region', () => {
  synthesize({ guardDuty: 'create' }).resourceCountIs('AWS::GuardDuty::Detector', 1);
  synthesize({ guardDuty: 'existing' }).resourceCountIs('AWS::GuardDuty::Detector', 0);
  synthesize({ guardDuty: 'off' }).resourceCountIs('AWS::GuardDuty::Detector', 0);
});

it('pays for the plans that have something to read here', () => {
  const [detector] = Object.values(
    synthesize({ guardDuty: 'create' }).findResources('AWS::GuardDuty::Detector'),
  );
  const on = detector?.Properties.Features.filter(({ Status }: { Status: string }) => Status === 'ENABLED');
  expect(on.map(({ Name }: { Name: string }) => Name)).toEqual(['S3_DATA_EVENTS', 'LAMBDA_NETWORK_LOGS']);
});

it('protects by Shield Advanced what it is given, and only when it is on', () => {
  const protect = { 'payment-edge': 'arn:aws:cloudfront::111122223333:distribution/E1' };
  synthesize({ shieldAdvanced: 'on', protect }).hasResourceProperties('AWS::Shield::Protection', {
    Name: 'payment-edge-dev123',
    ResourceArn: protect['payment-edge'],
  });
  synthesize({ shieldAdvanced: 'off', protect }).resourceCountIs('AWS::Shield::Protection', 0);
});
