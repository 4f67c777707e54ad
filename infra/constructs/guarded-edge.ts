import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { Names } from '../names.ts';
import type { Settings } from '../settings.ts';
import { Firewall } from './firewall.ts';
import { PaymentApi } from './payment-api.ts';
import { PaymentEdge } from './payment-edge.ts';
import type { PaymentFunctions } from './payment-functions.ts';

interface Parts {
  readonly names: Names;
  readonly profile: 'dev' | 'prod';
  readonly key: IKey;
  readonly functions: PaymentFunctions;
  readonly accessLogs: Bucket;
}

export interface GuardedEdge {
  /** By the setting `edge`. */
  readonly api: PaymentApi | PaymentEdge;
  readonly firewall: Firewall;
}

/** By which requests come, and the firewall before it. */
export function addGuardedEdge(
  scope: Construct,
  { apiGatewayAccount, domainName, certificateArn, connector }: Settings,
  { functions, accessLogs, ...shared }: Parts,
): GuardedEdge {
  const handler = functions.api.alias;
  if (functions.authorizer) {
    const api = new PaymentApi(scope, 'Api', {
      ...shared,
      handler,
      authorizer: functions.authorizer.alias,
      apiGatewayAccount,
      domainName,
      certificateArn,
    });
    return { api, firewall: new Firewall(scope, 'Firewall', { ...shared, stage: api.stage }) };
  }
  // CloudFront is told of its firewall when it is made; a stage's firewall is told of the stage.
  const firewall = new Firewall(scope, 'Firewall', shared);
  const api = new PaymentEdge(scope, 'Edge', {
    names: shared.names,
    handler,
    acl: firewall.acl,
    accessLogs,
    withSimulator: connector === 'simulator',
    domainName,
    certificateArn,
  });
  return { api, firewall };
}
