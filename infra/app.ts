import { App } from 'aws-cdk-lib';
import { applyAcknowledgements } from './nag/acknowledgements.ts';
import { addPacks } from './nag/packs.ts';
import { stackAcknowledgements } from './nag/stack-acknowledgements.ts';
import { PaymentStack } from './payment-stack.ts';
import { parseContext, type Settings, SettingsError } from './settings.ts';

/** The CDK app: one stack by the context, checked by all packs. Synthesis fails on any finding that is open. */
function main(): void {
  const app = new App();
  let settings: Settings;
  try {
    settings = parseContext(app.node.getAllContext());
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
  const stack = new PaymentStack(app, 'Payment', settings);
  applyAcknowledgements(stack, stackAcknowledgements(settings));
  const { profile, apiGatewayAccount } = settings;
  addPacks(app, { profile, apiGatewayAccount: apiGatewayAccount === 'create' ? 'create' : 'existing' });
  app.synth();
}

main();
