import { Aws, RemovalPolicy } from 'aws-cdk-lib';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnRotationSchedule, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import type { Names } from '../names.ts';
import type { Settings } from '../settings.ts';

const ROTATION_DAYS = 30;

export interface CredentialsProps {
  readonly names: Names;
  readonly profile: Settings['profile'];
  readonly key: IKey;
}

/** The secret that signs pagination cursors, made by AWS and never seen by a person. */
export class Credentials extends Construct {
  readonly secret: Secret;

  constructor(scope: Construct, id: string, { names, profile, key }: CredentialsProps) {
    super(scope, id);
    this.secret = new Secret(this, 'Secret', {
      secretName: names.of('payment-db-credentials'),
      description: 'Credentials for payment processing',
      encryptionKey: key,
      generateSecretString: {
        secretStringTemplate: JSON.stringify({ username: 'paymentuser' }),
        generateStringKey: 'password',
        excludePunctuation: true,
        passwordLength: 32,
      },
      removalPolicy: profile === 'prod' ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY,
    });
  }

  /**
   * Rotates the secret now and every 30 days. The function's role must bring its own permissions: `Secret`'s own
   * `addRotationSchedule` would add an inline policy with a wildcard.
   */
  rotateWith(rotation: IFunction): void {
    rotation.addPermission('SecretsManager', {
      principal: new ServicePrincipal('secretsmanager.amazonaws.com'),
      sourceArn: this.secret.secretArn,
      sourceAccount: Aws.ACCOUNT_ID,
    });
    const schedule = new CfnRotationSchedule(this, 'Rotation', {
      secretId: this.secret.secretArn,
      rotationLambdaArn: rotation.functionArn,
      rotationRules: { automaticallyAfterDays: ROTATION_DAYS },
    });
    // Secrets Manager tries whether it may call the function when the schedule is made.
    schedule.node.addDependency(rotation);
  }
}
