import { Template } from 'aws-cdk-lib/assertions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Alias, Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { describe, expect, it } from 'vitest';
import { deployed, soleResource, testNames, testStack } from '../stack.fixture.ts';
import { Firewall } from './firewall.ts';
import { someCode } from './functions.fixture.ts';
import { PaymentEdge, type PaymentEdgeProps } from './payment-edge.ts';

function synthesised(props: Partial<PaymentEdgeProps> = {}) {
  const stack = testStack();
  const names = testNames();
  const fn = new LambdaFunction(stack, 'Handler', {
    runtime: Runtime.NODEJS_24_X,
    handler: 'index.handler',
    code: Code.fromAsset(someCode()),
  });
  const firewall = new Firewall(stack, 'Firewall', { names, profile: 'dev', key: new Key(stack, 'Key') });
  const made = new PaymentEdge(stack, 'Edge', {
    names,
    handler: new Alias(stack, 'Live', { aliasName: 'live', version: fn.currentVersion }),
    acl: firewall.acl,
    accessLogs: new Bucket(stack, 'Logs'),
    withSimulator: true,
    ...props,
  });
  const url = deployed(stack.resolve(made.url));
  const template = Template.fromStack(stack);
  const sole = (type: string) => soleResource(template, type);
  const config = sole('AWS::CloudFront::Distribution').Properties.DistributionConfig as Record<
    string,
    unknown
  >;
  return { url, template, sole, config };
}

const OWN = {
  domainName: 'pay.example.com',
  certificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d',
};

/** Synthesised once: nothing here changes it. */
const standard = synthesised();

interface Behavior {
  PathPattern?: string;
  FunctionAssociations: { EventType: string }[];
  LambdaFunctionAssociations?: { EventType: string; IncludeBody: boolean; LambdaFunctionARN: unknown }[];
}

function behaviors({ config }: Pick<typeof standard, 'config'>): Behavior[] {
  return [config.DefaultCacheBehavior, ...((config.CacheBehaviors ?? []) as unknown[])] as Behavior[];
}

describe('the distribution', () => {
  it('stands behind the firewall of its scope, which it names itself', () => {
    expect(standard.sole('AWS::WAFv2::WebACL').Properties.Scope).toBe('CLOUDFRONT');
    expect(deployed(standard.config.WebACLId)).toMatch(/^<FirewallAcl\w*\.Arn>$/);
    standard.template.resourceCountIs('AWS::WAFv2::WebACLAssociation', 0);
  });

  it('has one origin, reached over TLS 1.2 and signed, with as much time as the function has', () => {
    const { Origins } = standard.config as { Origins: Record<string, unknown>[] };
    expect(Origins).toHaveLength(1);
    expect(Origins[0]).toMatchObject({
      CustomOriginConfig: {
        OriginProtocolPolicy: 'https-only',
        OriginSSLProtocols: ['TLSv1.2'],
        OriginReadTimeout: 30,
      },
    });
    expect(deployed(Origins[0]?.OriginAccessControlId)).toMatch(/^<EdgeSigner/);
  });

  it('runs the function at the edge for every path, and hashes bodies for those who cannot', () => {
    expect(behaviors(standard).map(({ PathPattern }) => PathPattern)).toEqual([
      undefined,
      '/callbacks/*',
      '/simulator/*',
    ]);
    for (const { PathPattern, FunctionAssociations, LambdaFunctionAssociations = [] } of behaviors(
      standard,
    )) {
      expect(FunctionAssociations.map(({ EventType }) => EventType)).toEqual(['viewer-request']);
      const hashing = LambdaFunctionAssociations.map(({ EventType, IncludeBody }) => [
        EventType,
        IncludeBody,
      ]);
      expect(hashing).toEqual(PathPattern === undefined ? [] : [['origin-request', true]]);
    }
  });

  it('serves no pages of the simulator where there is none', () => {
    const without = synthesised({ withSimulator: false });
    expect(behaviors(without).map(({ PathPattern }) => PathPattern)).toEqual([undefined, '/callbacks/*']);
    const { FunctionCode } = without.sole('AWS::CloudFront::Function').Properties;
    expect(FunctionCode).not.toContain('/simulator/');
  });

  it('is reached by its own address, or by a domain with TLS 1.2 and newer', () => {
    expect(standard.url).toMatch(/^https:\/\/<EdgeDistribution\w+\.DomainName>$/);
    expect(standard.config.ViewerCertificate).toBeUndefined();
    const own = synthesised(OWN);
    expect(own.url).toBe('https://pay.example.com');
    expect(own.config.Aliases).toEqual(['pay.example.com']);
    expect(own.config.ViewerCertificate).toMatchObject({
      AcmCertificateArn: OWN.certificateArn,
      MinimumProtocolVersion: 'TLSv1.2_2021',
      SslSupportMethod: 'sni-only',
    });
    expect(own.sole('AWS::CloudFront::Function').Properties.FunctionCode).toContain('"pay.example.com"');
  });
});

describe('the URL of the function', () => {
  it('is of the alias and takes signed requests only', () => {
    expect(standard.sole('AWS::Lambda::Url').Properties).toMatchObject({
      AuthType: 'AWS_IAM',
      Qualifier: 'live',
    });
    const { OriginAccessControlConfig } = standard.sole('AWS::CloudFront::OriginAccessControl').Properties;
    expect(OriginAccessControlConfig).toMatchObject({ SigningBehavior: 'always', SigningProtocol: 'sigv4' });
  });

  it('may be called by this one distribution, with both permissions that it takes since 2025', () => {
    const permissions = Object.values(standard.template.findResources('AWS::Lambda::Permission'));
    expect(permissions).toHaveLength(2);
    for (const { Properties } of permissions) {
      expect(Properties.Principal).toBe('cloudfront.amazonaws.com');
      expect(deployed(Properties.FunctionName)).toMatch(/^<Live/);
      expect(deployed(Properties.SourceArn)).toMatch(
        /^arn:aws:cloudfront::123456789012:distribution\/<EdgeDistribution\w+>$/,
      );
    }
    const wanted = permissions.map(({ Properties }) => [Properties.Action, Properties.InvokedViaFunctionUrl]);
    expect(wanted.sort()).toEqual([
      ['lambda:InvokeFunction', true],
      ['lambda:InvokeFunctionUrl', undefined],
    ]);
  });
});

describe('what hashes bodies at the edge', () => {
  const all = standard.template.findResources('AWS::Lambda::Function');
  const [found] = Object.entries(all).filter(([id]) => id.startsWith('EdgeBodyHash'));

  it('may do nothing at all', () => {
    const role = deployed(found?.[1].Properties.Role).slice(1, -'.Arn>'.length);
    const { Properties } = standard.template.findResources('AWS::IAM::Role')[role] ?? {};
    expect(Properties.Policies ?? Properties.ManagedPolicyArns).toBeUndefined();
    const attached = Object.values(standard.template.findResources('AWS::IAM::ManagedPolicy'));
    expect(JSON.stringify(attached)).not.toContain(role);
    const services = JSON.stringify(Properties.AssumeRolePolicyDocument);
    expect(services).toContain('edgelambda.amazonaws.com');
  });

  it('is what Lambda@Edge takes: no network, no environment, no arm64', () => {
    const { Properties } = found?.[1] ?? {};
    expect(Properties).toMatchObject({ Architectures: ['x86_64'], MemorySize: 128, Timeout: 5 });
    for (const none of ['VpcConfig', 'Environment', 'DeadLetterConfig', 'TracingConfig', 'FunctionName'])
      expect(Properties, none).not.toHaveProperty(none);
  });

  it('stays when the stack goes: CloudFront lets go of its copies only hours later', () => {
    expect(found?.[1].DeletionPolicy).toBe('Retain');
    const versions = Object.entries(standard.template.findResources('AWS::Lambda::Version'));
    const version = versions.find(([id]) => id.startsWith('EdgeBodyHash'))?.[1];
    expect([version?.DeletionPolicy, version?.UpdateReplacePolicy]).toEqual(['Retain', 'Retain']);
  });
});

describe('the access log', () => {
  it('goes to the bucket of access logs, which lets it in for this one source', () => {
    const destination = standard.sole('AWS::Logs::DeliveryDestination').Properties;
    expect(deployed(destination.DestinationResourceArn)).toMatch(/^<Logs\w+\.Arn>\/edge$/);
    const { PolicyDocument } = standard.sole('AWS::S3::BucketPolicy').Properties as {
      PolicyDocument: {
        Statement: { Principal: unknown; Condition?: Record<string, Record<string, unknown>> }[];
      };
    };
    const [statement] = PolicyDocument.Statement.filter(({ Principal }) =>
      JSON.stringify(Principal).includes('delivery.logs'),
    );
    expect(statement).toMatchObject({ Action: 's3:PutObject', Effect: 'Allow' });
    expect(deployed(statement?.Condition?.ArnLike?.['aws:SourceArn'])).toBe(
      'arn:aws:logs:us-east-1:123456789012:delivery-source:payment-edge-dev123',
    );
    expect(standard.sole('AWS::Logs::Delivery').DependsOn).toEqual(
      expect.arrayContaining([expect.stringMatching(/^LogsPolicy/), expect.stringMatching(/^EdgeLogSource/)]),
    );
  });

  it('says neither what was asked for nor with what', () => {
    const { RecordFields } = standard.sole('AWS::Logs::Delivery').Properties as { RecordFields: string[] };
    expect(RecordFields).toContain('sc-status');
    expect(RecordFields.filter((field) => /uri|query|\(|header|cookie|referer/i.test(field))).toEqual([]);
  });
});
