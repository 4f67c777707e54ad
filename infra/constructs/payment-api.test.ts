import { Match, Template } from 'aws-cdk-lib/assertions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Alias, Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { describe, expect, it } from 'vitest';
import { deployed, soleResource, testNames, testStack } from '../stack.fixture.ts';
import { someCode } from './functions.fixture.ts';
import { PaymentApi, type PaymentApiProps } from './payment-api.ts';

function synthesised(props: Partial<PaymentApiProps> = {}) {
  const stack = testStack();
  const anAlias = (id: string) => {
    const fn = new LambdaFunction(stack, id, {
      runtime: Runtime.NODEJS_24_X,
      handler: 'index.handler',
      code: Code.fromAsset(someCode()),
    });
    return new Alias(stack, `${id}Alias`, { aliasName: 'live', version: fn.currentVersion });
  };
  const made = new PaymentApi(stack, 'Api', {
    names: testNames(),
    profile: 'dev',
    key: new Key(stack, 'Key'),
    handler: anAlias('Handler'),
    authorizer: anAlias('Authorizer'),
    apiGatewayAccount: 'create',
    ...props,
  });
  const url = deployed(stack.resolve(made.url));
  const template = Template.fromStack(stack);
  const sole = (type: string) => soleResource(template, type);
  return { made, url, template, sole, stage: sole('AWS::ApiGateway::Stage') };
}

/** Synthesised once: nothing here changes it. */
const standard = synthesised();

type Settings = Record<string, unknown>[];

function settingsOf({ Properties }: { Properties: Record<string, unknown> }): Record<string, unknown> {
  const settings = Properties.MethodSettings as Settings;
  expect(settings).toHaveLength(1);
  return settings[0] as Record<string, unknown>;
}

describe('the API', () => {
  it('is regional, named, and takes bodies as the bytes that were sent', () => {
    const { Properties } = standard.sole('AWS::ApiGateway::RestApi');
    expect(Properties).toMatchObject({
      Name: 'payment-api-dev123',
      EndpointConfiguration: { Types: ['REGIONAL'] },
      DisableExecuteApiEndpoint: false,
    });
    expect(Properties.BinaryMediaTypes).toEqual(['*/*']);
    expect(Properties.MinimumCompressionSize).toBeUndefined();
  });

  it('takes 1,000 requests a second and 2,000 at once, and is not counted by method, which would be paid for', () => {
    expect(standard.stage.Properties).toMatchObject({ StageName: 'prod', TracingEnabled: true });
    expect(settingsOf(standard.stage)).toMatchObject({
      HttpMethod: '*',
      ResourcePath: '/*',
      ThrottlingRateLimit: 1_000,
      ThrottlingBurstLimit: 2_000,
      MetricsEnabled: false,
      CachingEnabled: false,
    });
  });

  it('has an address that no function has to wait for', () => {
    const { url, made, template } = standard;
    expect(url).toMatch(/^https:\/\/<Api[A-F0-9]+>\.execute-api\.us-east-1\.<AWS::URLSuffix>\/prod$/);
    expect(made.stage.stageName).toBeDefined();
    expect(Object.keys(template.toJSON().Outputs ?? {})).toEqual([]);
  });

  it('lets the gateway invoke each function by one permission', () => {
    const permissions = Object.values(standard.template.findResources('AWS::Lambda::Permission'));
    expect(permissions.map(({ Properties }) => deployed(Properties.FunctionName)).sort()).toEqual([
      expect.stringMatching(/^<AuthorizerAlias/),
      expect.stringMatching(/^<HandlerAlias/),
    ]);
  });

  it('is traced by a share of the requests and not by the second', () => {
    const { Properties } = standard.sole('AWS::XRay::SamplingRule');
    expect(Properties.SamplingRule).toMatchObject({
      ServiceName: 'payment-api-dev123/prod',
      ReservoirSize: 0,
      FixedRate: 0.05,
    });
    const inProd = synthesised({ profile: 'prod' }).sole('AWS::XRay::SamplingRule');
    expect(inProd.Properties.SamplingRule).toMatchObject({ FixedRate: 0.01 });
  });
});

describe('the authorizer', () => {
  it('is asked once a minute for each key, by its header alone', () => {
    expect(standard.sole('AWS::ApiGateway::Authorizer').Properties).toMatchObject({
      Type: 'TOKEN',
      IdentitySource: 'method.request.header.Authorization',
      AuthorizerResultTtlInSeconds: 60,
    });
  });

  it('stands before every path of payments', () => {
    const methods = Object.values(standard.template.findResources('AWS::ApiGateway::Method'));
    const open = methods.filter(({ Properties }) => Properties.AuthorizationType === 'NONE');
    expect(methods.length).toBeGreaterThan(5);
    expect(open).toHaveLength(1);
  });
});

describe("the API's logs", () => {
  it('never hold what was sent: no trace of bodies, and one line of JSON without what may be secret', () => {
    expect(settingsOf(standard.stage)).toMatchObject({ DataTraceEnabled: false, LoggingLevel: 'ERROR' });
    const { Format } = standard.stage.Properties.AccessLogSetting as { Format: string };
    const variables = Object.values(JSON.parse(Format));
    expect(variables).toEqual(expect.arrayContaining(['$context.requestId', '$context.authorizer.keyId']));
    for (const variable of variables) {
      expect(variable).not.toMatch(/path$|query|header|body|authorization|userAgent|apiKey$|messageString/);
    }
  });

  it('are both encrypted by the customer-managed key, for a week in dev and a year in prod', () => {
    const groups = (profile: 'dev' | 'prod') =>
      Object.values(synthesised({ profile }).template.findResources('AWS::Logs::LogGroup'));
    for (const { Properties } of groups('dev')) {
      expect(deployed(Properties.KmsKeyId)).toMatch(/^<Key/);
      expect(Properties.RetentionInDays).toBe(7);
    }
    expect(groups('dev').map(({ Properties }) => deployed(Properties.LogGroupName))).toEqual([
      'payment-api-access-dev123',
      expect.stringMatching(/^API-Gateway-Execution-Logs_<Api[A-F0-9]+>\/prod$/),
    ]);
    expect(groups('prod')).toMatchObject([
      { DeletionPolicy: 'RetainExceptOnCreate', Properties: { RetentionInDays: 365 } },
      { DeletionPolicy: 'RetainExceptOnCreate', Properties: { RetentionInDays: 365 } },
    ]);
  });

  it('are there, and the account may write them, before the stage logs', () => {
    const { template, stage } = standard;
    const [account] = Object.entries(template.findResources('AWS::ApiGateway::Account'));
    const [api] = Object.keys(template.findResources('AWS::ApiGateway::RestApi'));
    expect(account?.[1].DependsOn).toEqual([api]);
    expect(stage.DependsOn).toEqual(
      expect.arrayContaining([account?.[0], expect.stringContaining('ExecutionLogs')]),
    );
  });

  it('are written by the role that the account has, where it has one', () => {
    const { template, stage } = synthesised({ apiGatewayAccount: 'existing' });
    template.resourceCountIs('AWS::ApiGateway::Account', 0);
    expect(settingsOf(stage).LoggingLevel).toBe('ERROR');
    expect(JSON.stringify(template.findResources('AWS::IAM::Role'))).not.toContain('apigateway');
  });

  it('are not written where the account has no role: such a stage could not be deployed', () => {
    const { template, stage } = synthesised({ apiGatewayAccount: 'off' });
    template.resourceCountIs('AWS::ApiGateway::Account', 0);
    template.resourceCountIs('AWS::Logs::LogGroup', 0);
    expect(settingsOf(stage).LoggingLevel).toBe('OFF');
    expect(stage.Properties.AccessLogSetting).toBeUndefined();
  });
});

describe('a domain of your own', () => {
  const certificateArn = 'arn:aws:acm:us-east-1:123456789012:certificate/0a1b';

  it('speaks TLS 1.2 at least, and leaves no way round it', () => {
    const { template, sole, url } = synthesised({ domainName: 'pay.example.com', certificateArn });
    template.hasResourceProperties('AWS::ApiGateway::DomainName', {
      DomainName: 'pay.example.com',
      RegionalCertificateArn: certificateArn,
      SecurityPolicy: 'TLS_1_2',
      EndpointConfiguration: { Types: ['REGIONAL'] },
    });
    template.hasResourceProperties('AWS::ApiGateway::BasePathMapping', {
      Stage: { Ref: Match.stringLikeRegexp('Stage') },
      BasePath: Match.absent(),
    });
    expect(sole('AWS::ApiGateway::RestApi').Properties.DisableExecuteApiEndpoint).toBe(true);
    expect(url).toBe('https://pay.example.com');
  });

  it('is not there unless it is asked for', () => {
    const { template, made } = synthesised({ domainName: null, certificateArn: null });
    template.resourceCountIs('AWS::ApiGateway::DomainName', 0);
    expect(made.domain).toBeUndefined();
  });
});
