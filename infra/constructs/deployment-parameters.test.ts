import { Template } from 'aws-cdk-lib/assertions';
import { describe, it } from 'vitest';
import { testNames, testStack } from '../stack.fixture.ts';
import { DeploymentParameters } from './deployment-parameters.ts';

describe('the parameters of a deployment', () => {
  it('are found by its suffix', () => {
    const stack = testStack();
    new DeploymentParameters(stack, 'Parameters', {
      names: testNames(),
      values: { 'table-name': 'payments-dev123', 'api-url': 'https://api.example.com' },
    });
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::SSM::Parameter', 2);
    template.hasResourceProperties('AWS::SSM::Parameter', {
      Name: '/payment/dev123/table-name',
      Type: 'String',
      Value: 'payments-dev123',
    });
    template.hasResourceProperties('AWS::SSM::Parameter', {
      Name: '/payment/dev123/api-url',
      Value: 'https://api.example.com',
    });
  });
});
