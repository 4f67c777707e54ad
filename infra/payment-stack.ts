import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { PaymentProcessing } from './constructs/payment-processing.ts';
import type { Settings } from './settings.ts';

/** One deployment of payment processing in a region. Of no account: a look-up would make templates differ. */
export class PaymentStack extends Stack {
  readonly processing: PaymentProcessing;

  constructor(scope: Construct, id: string, { region, ...settings }: Settings) {
    super(scope, id, {
      env: { region },
      stackName: `payment-${settings.environmentSuffix}`,
      description: 'Tollgate: payment processing',
      terminationProtection: settings.profile === 'prod',
    });
    this.processing = new PaymentProcessing(this, 'Processing', settings);
  }
}
