import { type App, type IPolicyValidationPlugin, Validations } from 'aws-cdk-lib';
import {
  AwsSolutionsChecks,
  HIPAASecurityChecks,
  NIST80053R5Checks,
  PCIDSS321Checks,
  ServerlessChecks,
} from 'cdk-nag';
import { PaymentPack, type PaymentPackProps } from './payment-pack.ts';
import { templateValidators } from './template-checks.ts';

/** The names of the packs, which the names of their rules begin with. */
export const PACK_NAMES = [
  'AwsSolutions',
  'PCI.DSS.321',
  'NIST.800.53.R5',
  'HIPAA.Security',
  'Serverless',
  'Payment',
] as const;

/** The name under which the report has what was found in the template. */
export const TEMPLATE_VALIDATION = 'CloudFormation Validate';

/** All that every synthesis is checked by: five public packs, our own, and the validators of the template. */
export function addPacks(app: App, props: PaymentPackProps): void {
  const packs: IPolicyValidationPlugin[] = [
    new AwsSolutionsChecks(app),
    new PCIDSS321Checks(app),
    new NIST80053R5Checks(app),
    new HIPAASecurityChecks(app),
    new ServerlessChecks(app),
    new PaymentPack(app, props),
    ...templateValidators(),
  ];
  Validations.of(app).addPlugins(...packs);
}
