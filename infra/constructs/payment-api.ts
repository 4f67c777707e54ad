import { Aws, Duration, RemovalPolicy } from 'aws-cdk-lib';
import {
  AccessLogFormat,
  BasePathMapping,
  CfnAccount,
  DomainName,
  EndpointType,
  IdentitySource,
  LambdaIntegration,
  LogGroupLogDestination,
  MethodLoggingLevel,
  RestApi,
  SecurityPolicy,
  type Stage,
  TokenAuthorizer,
} from 'aws-cdk-lib/aws-apigateway';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { ManagedPolicy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { CfnSamplingRule } from 'aws-cdk-lib/aws-xray';
import { Construct } from 'constructs';
import type { Names } from '../names.ts';
import { addRoutes } from './api-routes.ts';
import { addGatewayResponses } from './gateway-responses.ts';

export interface PaymentApiProps {
  readonly names: Names;
  readonly profile: 'dev' | 'prod';
  /** Encrypts the logs. */
  readonly key: IKey;
  /** Answers every route: an alias, so that a new version takes over by steps. */
  readonly handler: IFunction;
  readonly authorizer: IFunction;
  /**
   * The role by which API Gateway writes logs, one for the account and region. `off`: there is none, so nothing is
   * logged, since a stage that logs cannot be deployed without it.
   */
  readonly apiGatewayAccount: 'create' | 'existing' | 'off';
  /**
   * A domain of your own; then API Gateway's own address answers nothing.
   * @default - API Gateway's address
   */
  readonly domainName?: string | null;
  /**
   * Certificate of that domain, in the same region.
   * @default - none
   */
  readonly certificateArn?: string | null;
}

/** The stage's name, written out: a reference to the stage makes whatever watches it wait for the functions. */
export const STAGE = 'prod';

/** Of the whole stage, in requests a second and at once. */
const RATE_LIMIT = 1_000;
const BURST_LIMIT = 2_000;

/** A revoked key is good for as long as this at most. */
const KEY_CACHE = Duration.seconds(60);

/** API Gateway waits no longer. */
const TIMEOUT = Duration.seconds(29);

/** Traces are paid for one by one; by default it would be one each second, whatever the traffic. */
const TRACED = { dev: 0.05, prod: 0.01 };

/**
 * What an access log says. Of the path only the template, and neither query, headers nor bodies: there may be a card
 * number in all of them, and nothing has looked yet.
 */
const ACCESS_LOG = {
  request_id: '$context.requestId',
  trace: '$context.xrayTraceId',
  at: '$context.requestTime',
  ip: '$context.identity.sourceIp',
  method: '$context.httpMethod',
  route: '$context.resourcePath',
  status: '$context.status',
  refused_by_gateway: '$context.error.responseType',
  firewall: '$context.waf.status',
  merchant_id: '$context.authorizer.merchantId',
  key_id: '$context.authorizer.keyId',
  latency_ms: '$context.responseLatency',
  integration_latency_ms: '$context.integrationLatency',
  integration_status: '$context.integration.status',
  response_bytes: '$context.responseLength',
};

/** The REST API: every path goes to one function, and whoever needs a key passes the authorizer first. */
export class PaymentApi extends Construct {
  readonly api: RestApi;
  readonly stage: Stage;
  /** By which customers reach it, without a slash at its end. It depends on no function, so functions may be told. */
  readonly url: string;
  /** The domain of your own, if there is one: its DNS record must point at `domainNameAliasDomainName`. */
  readonly domain: DomainName | undefined;

  constructor(scope: Construct, id: string, props: PaymentApiProps) {
    super(scope, id);
    const { names, profile, apiGatewayAccount, domainName, certificateArn } = props;
    const logs =
      apiGatewayAccount === 'off' ? null : this.logGroup('AccessLogs', names.of('payment-api-access'), props);

    this.api = new RestApi(this, 'Api', {
      restApiName: names.of('payment-api'),
      description: 'Payments',
      endpointTypes: [EndpointType.REGIONAL],
      disableExecuteApiEndpoint: Boolean(domainName),
      cloudWatchRole: false,
      // Every body reaches the function as the bytes that were sent: signatures are over them, and invalid UTF-8 is refused.
      binaryMediaTypes: ['*/*'],
      deployOptions: {
        stageName: STAGE,
        throttlingRateLimit: RATE_LIMIT,
        throttlingBurstLimit: BURST_LIMIT,
        // By method they are five metrics for each of the methods, each paid for. Those of the API and the stage are free
        // and come all the same: alarms and dashboards read them, and the access log names the route.
        metricsEnabled: false,
        tracingEnabled: true,
        cachingEnabled: false,
        // It writes whole bodies into logs.
        dataTraceEnabled: false,
        // At INFO it writes a dozen lines for each request, which say what the access log says in one.
        loggingLevel: logs ? MethodLoggingLevel.ERROR : MethodLoggingLevel.OFF,
        ...(logs && {
          accessLogDestination: new LogGroupLogDestination(logs),
          accessLogFormat: AccessLogFormat.custom(JSON.stringify(ACCESS_LOG)),
        }),
      },
    });
    this.stage = this.api.deploymentStage;
    // An output that the CDK adds by itself; the stack has one of its own, with the right address.
    this.api.node.tryRemoveChild('Endpoint');

    if (logs) {
      // Made here, or API Gateway makes it: without a key, and for ever.
      const executionLogs = `API-Gateway-Execution-Logs_${this.api.restApiId}/${STAGE}`;
      this.stage.node.addDependency(this.logGroup('ExecutionLogs', executionLogs, props));
    }
    if (apiGatewayAccount === 'create') this.stage.node.addDependency(this.account(profile));
    this.sample(names, profile);

    addGatewayResponses(this, this.api);
    addRoutes(
      this.api,
      // One permission for the whole API: one for each method would outgrow the function's policy.
      new LambdaIntegration(props.handler, { scopePermissionToMethod: false, timeout: TIMEOUT }),
      // It sees the header and nothing else of the request.
      new TokenAuthorizer(this, 'Authorizer', {
        authorizerName: names.of('payment-authorizer'),
        handler: props.authorizer,
        identitySource: IdentitySource.header('Authorization'),
        resultsCacheTtl: KEY_CACHE,
      }),
    );

    if (domainName && certificateArn) this.domain = this.ownDomain(domainName, certificateArn);
    this.url = domainName
      ? `https://${domainName}`
      : `https://${this.api.restApiId}.execute-api.${Aws.REGION}.${Aws.URL_SUFFIX}/${STAGE}`;
  }

  private logGroup(id: string, logGroupName: string, { profile, key }: PaymentApiProps): LogGroup {
    const isProd = profile === 'prod';
    return new LogGroup(this, id, {
      logGroupName,
      // PCI DSS 10.5.1 asks for twelve months.
      retention: isProd ? RetentionDays.ONE_YEAR : RetentionDays.ONE_WEEK,
      encryptionKey: key,
      removalPolicy: isProd ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY,
    });
  }

  /** For every API of this account and region: log groups of any of them may be written. */
  private account(profile: 'dev' | 'prod'): CfnAccount {
    const removal = profile === 'prod' ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY;
    const role = new Role(this, 'AccountRole', {
      assumedBy: new ServicePrincipal('apigateway.amazonaws.com'),
      description: 'Lets API Gateway write logs',
      // API Gateway refuses a role that may do less.
      managedPolicies: [
        ManagedPolicy.fromAwsManagedPolicyName('service-role/AmazonAPIGatewayPushToCloudWatchLogs'),
      ],
    });
    role.applyRemovalPolicy(removal);
    const account = new CfnAccount(this, 'Account', { cloudWatchRoleArn: role.roleArn });
    account.applyRemovalPolicy(removal);
    // In an account that has never had an API, there is no account to set before the first one.
    account.node.addDependency(this.api.node.defaultChild as Construct);
    return account;
  }

  private sample(names: Names, profile: 'dev' | 'prod'): void {
    const api = names.of('payment-api');
    new CfnSamplingRule(this, 'Sampling', {
      samplingRule: {
        ruleName: api,
        serviceName: `${api}/${STAGE}`,
        serviceType: 'AWS::ApiGateway::Stage',
        priority: 100,
        reservoirSize: 0,
        fixedRate: TRACED[profile],
        host: '*',
        httpMethod: '*',
        urlPath: '*',
        resourceArn: '*',
        version: 1,
      },
    });
  }

  private ownDomain(domainName: string, certificateArn: string): DomainName {
    const domain = new DomainName(this, 'Domain', {
      domainName,
      certificate: Certificate.fromCertificateArn(this, 'Certificate', certificateArn),
      endpointType: EndpointType.REGIONAL,
      securityPolicy: SecurityPolicy.TLS_1_2,
    });
    new BasePathMapping(this, 'Mapping', { domainName: domain, restApi: this.api, stage: this.stage });
    return domain;
  }
}
