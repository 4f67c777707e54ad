import { Match, Template } from 'aws-cdk-lib/assertions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { describe, expect, it } from 'vitest';
import type { Settings } from '../settings.ts';
import { deployed, testNames, testStack } from '../stack.fixture.ts';
import { Credentials } from './credentials.ts';

function synthesised(profile: Settings['profile'] = 'dev'): Template {
  const stack = testStack();
  const credentials = new Credentials(stack, 'Credentials', {
    names: testNames(),
    profile,
    key: new Key(stack, 'Key'),
  });
  const rotation = new LambdaFunction(stack, 'Function', {
    runtime: Runtime.NODEJS_24_X,
    handler: 'index.handler',
    code: Code.fromInline('exports.handler = async () => {};'),
  });
  credentials.rotateWith(rotation.addAlias('live'));
  return Template.fromStack(stack);
}

const SECRET = 'AWS::SecretsManager::Secret';

describe('the credentials', () => {
  it('are made by AWS under the customer-managed key', () => {
    synthesised().hasResourceProperties(SECRET, {
      Name: 'payment-db-credentials-dev123',
      KmsKeyId: Match.anyValue(),
      GenerateSecretString: {
        SecretStringTemplate: '{"username":"paymentuser"}',
        GenerateStringKey: 'password',
        ExcludePunctuation: true,
        PasswordLength: 32,
      },
    });
  });

  it('go with a dev stack and stay with a prod stack that was once deployed', () => {
    synthesised('dev').hasResource(SECRET, { DeletionPolicy: 'Delete' });
    synthesised('prod').hasResource(SECRET, { DeletionPolicy: 'RetainExceptOnCreate' });
  });

  it('are rotated every 30 days by the alias that was given', () => {
    const template = synthesised();
    const [secret] = Object.keys(template.findResources(SECRET));
    const [alias] = Object.keys(template.findResources('AWS::Lambda::Alias'));
    template.hasResourceProperties('AWS::SecretsManager::RotationSchedule', {
      SecretId: { Ref: secret },
      RotationLambdaARN: { Ref: alias },
      RotationRules: { AutomaticallyAfterDays: 30 },
    });
  });

  it('let Secrets Manager call the function before the schedule tries it, for this secret of this account', () => {
    const template = synthesised();
    const [permission] = Object.entries(template.findResources('AWS::Lambda::Permission'));
    expect(permission?.[1].Properties).toMatchObject({ Principal: 'secretsmanager.amazonaws.com' });
    expect(deployed(permission?.[1].Properties.SourceAccount)).toBe('123456789012');
    expect(deployed(permission?.[1].Properties.SourceArn)).toMatch(/^<CredentialsSecret/);
    template.hasResource('AWS::SecretsManager::RotationSchedule', {
      DependsOn: Match.arrayWith([permission?.[0]]),
    });
  });

  it('leave the function’s permissions to the function', () => {
    synthesised().resourceCountIs('AWS::IAM::Policy', 0);
  });
});
