import { App } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { expect, it } from 'vitest';
import { cdkContext, SYNTHESIS_MS } from '../stack.fixture.ts';
import { ShopStack } from './app.ts';

it('Payment processing is part of another CDK app, whose own names and tags it takes', {
  timeout: SYNTHESIS_MS,
}, () => {
  const template = Template.fromStack(new ShopStack(new App({ context: { ...cdkContext } }), 'Shop'));
  template.hasResourceProperties('AWS::Lambda::Function', {
    FunctionName: 'payment-processor-shop',
    Tags: Match.arrayWith([
      { Key: 'CostCenter', Value: '4711' },
      { Key: 'Owner', Value: 'checkout-team' },
    ]),
  });
  expect(Object.keys(template.findOutputs('*'))).toEqual(
    expect.arrayContaining(['PaymentsUrl', 'ApiEndpoint']),
  );
});
