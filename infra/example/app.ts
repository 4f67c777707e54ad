import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { PaymentProcessing } from '../constructs/payment-processing.ts';

/**
 * Payment processing inside a CDK app of your own: `npx cdk synth --app 'node infra/example/app.ts'`. Everything but the
 * suffix has a default; the app's feature flags are those of its own cdk.json.
 */
export class ShopStack extends Stack {
  readonly payments: PaymentProcessing;

  constructor(app: App, id: string) {
    // A region, since what exists in one alone (budgets in us-east-1) cannot be decided without.
    super(app, id, { env: { region: 'eu-west-1' } });
    this.payments = new PaymentProcessing(this, 'Payments', {
      environmentSuffix: 'shop',
      owner: 'checkout-team',
      costCenter: '4711',
    });
    // What the shop's own code is given.
    new CfnOutput(this, 'PaymentsUrl', { value: this.payments.api.url });
  }
}

if (import.meta.main) {
  const app = new App();
  new ShopStack(app, 'Shop');
  app.synth();
}
