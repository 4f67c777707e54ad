import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import type { Names } from '../names.ts';

export interface DeploymentParametersProps {
  readonly names: Names;
  /** By name: `table-name` becomes `/payment/<suffix>/table-name`. Nothing secret: parameters are plain text. */
  readonly values: Readonly<Record<string, string>>;
}

/** Where other stacks and scripts find this deployment's parts, without knowing how they are named. */
export class DeploymentParameters extends Construct {
  constructor(scope: Construct, id: string, { names, values }: DeploymentParametersProps) {
    super(scope, id);
    for (const [name, stringValue] of Object.entries(values)) {
      new StringParameter(this, name, {
        parameterName: names.parameter(name),
        stringValue,
        description: `Payment processing: ${name.replaceAll('-', ' ')}`,
      });
    }
  }
}
