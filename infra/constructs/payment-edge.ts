import { Duration } from 'aws-cdk-lib';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import {
  AllowedMethods,
  type BehaviorOptions,
  CachePolicy,
  Distribution,
  Function as EdgeFunction,
  FunctionCode,
  FunctionEventType,
  FunctionRuntime,
  FunctionUrlOriginAccessControl,
  HttpVersion,
  LambdaEdgeEventType,
  OriginRequestPolicy,
  PriceClass,
  SecurityPolicyProtocol,
  Signing,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import { FunctionUrlOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import { CfnPermission, FunctionUrl, FunctionUrlAuthType, type IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { CfnWebACL } from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';
import { viewerCode } from '../edge/viewer-code.ts';
import type { Names } from '../names.ts';
import { BodyHash } from './body-hash.ts';
import { EdgeLog } from './edge-log.ts';

export interface PaymentEdgeProps {
  readonly names: Names;
  /** Answers every route: an alias, so that a new version takes over by steps. */
  readonly handler: IFunction;
  /** The firewall before it, of scope CLOUDFRONT. */
  readonly acl: CfnWebACL;
  readonly accessLogs: Bucket;
  /** Whether pages of the simulator are served, which browsers send forms to. */
  readonly withSimulator: boolean;
  /**
   * A domain of your own; then CloudFront's own address answers nothing.
   * @default - CloudFront's address
   */
  readonly domainName?: string | null;
  /**
   * Certificate of that domain, in us-east-1.
   * @default - none
   */
  readonly certificateArn?: string | null;
}

/** The function itself takes up to 30 seconds. */
const READ_TIMEOUT = Duration.seconds(30);
/** Connections to Lambda are kept for as long as requests follow each other. */
const KEEP_ALIVE = Duration.seconds(60);

/** Only CloudFront may call the URL of the function, and only on behalf of the one distribution. */
const CLOUDFRONT = 'cloudfront.amazonaws.com';

/**
 * CloudFront, with the firewall, before the URL of the function that answers: nothing else may call it. It costs less
 * than half of what an API Gateway does, and asks for more: whoever sends a body must send its hash too.
 */
export class PaymentEdge extends Construct {
  readonly distribution: Distribution;
  /** By which customers reach it, without a slash at its end. */
  readonly url: string;

  constructor(scope: Construct, id: string, props: PaymentEdgeProps) {
    super(scope, id);
    const { names, domainName, certificateArn } = props;
    const functionUrl = new FunctionUrl(this, 'Url', {
      function: props.handler,
      authType: FunctionUrlAuthType.AWS_IAM,
    });
    const signer = new FunctionUrlOriginAccessControl(this, 'Signer', {
      originAccessControlName: names.of('payment-api'),
      signing: Signing.SIGV4_ALWAYS,
    });
    // With its own construct for this, the CDK would permit CloudFront the function instead of the alias.
    const origin = new FunctionUrlOrigin(functionUrl, {
      originAccessControlId: signer.originAccessControlId,
      readTimeout: READ_TIMEOUT,
      keepaliveTimeout: KEEP_ALIVE,
    });
    // Their senders cannot be asked for a hash: PSPs, and browsers with a form.
    const hashed = ['/callbacks/', ...(props.withSimulator ? ['/simulator/'] : [])];
    const viewer = new EdgeFunction(this, 'Viewer', {
      functionName: names.of('payment-edge'),
      comment: 'Moves the API key aside, and refuses bodies without a hash',
      runtime: FunctionRuntime.JS_2_0,
      code: FunctionCode.fromInline(viewerCode({ domainName, hashedPaths: hashed })),
    });
    const behavior: BehaviorOptions = {
      origin,
      allowedMethods: AllowedMethods.ALLOW_ALL,
      // Answers are about one merchant's payments: no copy of them is kept.
      cachePolicy: CachePolicy.CACHING_DISABLED,
      originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
      viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
      compress: false,
      functionAssociations: [{ function: viewer, eventType: FunctionEventType.VIEWER_REQUEST }],
    };
    const { version } = new BodyHash(this, 'BodyHash');
    const hashing: BehaviorOptions = {
      ...behavior,
      edgeLambdas: [
        { functionVersion: version, eventType: LambdaEdgeEventType.ORIGIN_REQUEST, includeBody: true },
      ],
    };
    this.distribution = new Distribution(this, 'Distribution', {
      comment: names.of('payment-api'),
      webAclId: props.acl.attrArn,
      defaultBehavior: behavior,
      additionalBehaviors: Object.fromEntries(hashed.map((path) => [`${path}*`, hashing])),
      httpVersion: HttpVersion.HTTP2_AND_3,
      // Merchants' servers: the cheapest edges will do, and their price is known.
      priceClass: PriceClass.PRICE_CLASS_100,
      ...(domainName &&
        certificateArn && {
          domainNames: [domainName],
          certificate: Certificate.fromCertificateArn(this, 'Certificate', certificateArn),
          minimumProtocolVersion: SecurityPolicyProtocol.TLS_V1_2_2021,
        }),
    });
    this.permit(props.handler);
    new EdgeLog(this, 'Log', { names, distribution: this.distribution, bucket: props.accessLogs });
    this.url = `https://${domainName ?? this.distribution.distributionDomainName}`;
  }

  /** Both are needed: to call the URL, and to call the function by its URL. */
  private permit(handler: IFunction): void {
    const asked = {
      principal: CLOUDFRONT,
      functionName: handler.functionArn,
      sourceArn: this.distribution.distributionArn,
    };
    new CfnPermission(this, 'MayCallUrl', {
      ...asked,
      action: 'lambda:InvokeFunctionUrl',
      functionUrlAuthType: FunctionUrlAuthType.AWS_IAM,
    });
    new CfnPermission(this, 'MayCallFunction', {
      ...asked,
      action: 'lambda:InvokeFunction',
      invokedViaFunctionUrl: true,
    });
  }
}
