import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { CompositePrincipal, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  Code,
  type IVersion,
  Function as LambdaFunction,
  Runtime,
} from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { bundleBodyHash } from '../bundles.ts';

/** What Lambda@Edge has most of in the price, and a hash of some KB needs no more. */
const MEMORY_MB = 128;

/**
 * Lambda@Edge: makes the hash of a body where its sender cannot be asked for it. CloudFront copies it to its regions,
 * and a copied function can be deleted only hours after its distribution: so it stays when the stack goes, and costs
 * nothing. It has no name of its own, that a later deployment could stumble over.
 *
 * Its role may do nothing at all, not even log: its log groups would lie in every region, without a key and for ever.
 */
export class BodyHash extends Construct {
  readonly version: IVersion;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const role = new Role(this, 'Role', {
      assumedBy: new CompositePrincipal(
        new ServicePrincipal('lambda.amazonaws.com'),
        new ServicePrincipal('edgelambda.amazonaws.com'),
      ),
      description: 'Of what hashes bodies at the edge: it may do nothing',
    });
    const fn = new LambdaFunction(this, 'Function', {
      description: 'Hashes bodies at the edge, of call-backs and forms',
      // CloudFront runs no other architecture.
      architecture: Architecture.X86_64,
      runtime: Runtime.NODEJS_24_X,
      handler: 'index.handler',
      code: Code.fromAsset(bundleBodyHash()),
      memorySize: MEMORY_MB,
      timeout: Duration.seconds(5),
      role: role.withoutPolicyUpdates(),
      currentVersionOptions: { removalPolicy: RemovalPolicy.RETAIN },
    });
    fn.applyRemovalPolicy(RemovalPolicy.RETAIN);
    this.version = fn.currentVersion;
  }
}
