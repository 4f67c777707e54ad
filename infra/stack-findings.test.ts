import { describe, expect, it } from 'vitest';
import { hiddenAcknowledgements, unusedAcknowledgements } from './nag/acknowledgements.ts';
import { acknowledgedByRule } from './nag/findings-table.ts';
import { ENGINE_START_MS } from './nag/validations.fixture.ts';
import { type CheckedStack, checkedStack, PROD } from './stack.fixture.ts';

/** Settings by which resources with findings come or go. */
const CONTEXTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  dev: {},
  'dev without what an account may not have': {
    configRecorder: 'off',
    apiGatewayAccount: 'off',
    reservedConcurrency: 'off',
    costAnomalyMonitor: 'off',
    nat: 'gateway',
    workers: 'fleet',
    alertEmail: 'ops@example.com',
  },
  prod: PROD,
  'prod in Ireland beside another deployment': {
    ...PROD,
    region: 'eu-west-1',
    configRecorder: 'existing',
    apiGatewayAccount: 'existing',
    nat: 'instance',
    workers: 'lambda',
    guardDuty: 'create',
    domainName: 'pay.example.com',
    certificateArn: 'arn:aws:acm:eu-west-1:123456789012:certificate/12345678-1234-1234-1234-123456789012',
  },
  'dev behind CloudFront': { edge: 'cloudfront', apiGatewayAccount: 'off' },
  'prod behind CloudFront, with provisioned capacity': {
    ...PROD,
    edge: 'cloudfront',
    shieldAdvanced: 'on',
    provisionedPaymentsPerSecond: '100',
  },
  'prod behind CloudFront with a domain': {
    ...PROD,
    edge: 'cloudfront',
    domainName: 'pay.example.com',
    certificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012',
  },
};

/** More than this many an assessor does not read. */
const MOST_IN_PROD = 75;

const checked = new Map<string, CheckedStack>();

function stackOf(name: string): CheckedStack {
  const known = checked.get(name) ?? checkedStack(CONTEXTS[name] ?? {});
  checked.set(name, known);
  return known;
}

describe.each(Object.keys(CONTEXTS))(
  'The findings of all packs in %s',
  { timeout: ENGINE_START_MS },
  (name) => {
    it('are none but acknowledged ones', () => {
      expect(stackOf(name).report.open).toEqual([]);
    });

    it('are all still there where they are acknowledged', () => {
      const { report, applied } = stackOf(name);
      expect(applied.length).toBeGreaterThan(0);
      expect(unusedAcknowledgements(report, applied)).toEqual([]);
    });

    it('are acknowledged in the report, for a reason that a person can read there', () => {
      const { stack, report } = stackOf(name);
      expect(hiddenAcknowledgements(stack)).toEqual([]);
      expect(report.acknowledged.filter(({ reason }) => reason.length < 40)).toEqual([]);
    });
  },
);

it('prod acknowledges these findings and no others', { timeout: ENGINE_START_MS }, () => {
  const { report } = stackOf('prod');
  expect(acknowledgedByRule(report)).toEqual({
    'AwsSolutions-APIG4': 1,
    'AwsSolutions-COG4': 8,
    'AwsSolutions-IAM4': 2,
    'AwsSolutions-IAM5': 12,
    'AwsSolutions-SQS3': 1,
    'HIPAA.Security-APIGWCacheEnabledAndEncrypted': 1,
    'HIPAA.Security-APIGWSSLEnabled': 1,
    'HIPAA.Security-LambdaDLQ': 5,
    'HIPAA.Security-S3BucketReplicationEnabled': 4,
    'HIPAA.Security-S3DefaultEncryptionKMS': 1,
    'HIPAA.Security-VPCNoUnrestrictedRouteToIGW': 2,
    'NIST.800.53.R5-APIGWCacheEnabledAndEncrypted': 1,
    'NIST.800.53.R5-APIGWSSLEnabled': 1,
    'NIST.800.53.R5-LambdaDLQ': 5,
    'NIST.800.53.R5-S3BucketReplicationEnabled': 4,
    'NIST.800.53.R5-S3DefaultEncryptionKMS': 1,
    'NIST.800.53.R5-VPCNoUnrestrictedRouteToIGW': 2,
    'PCI.DSS.321-APIGWCacheEnabledAndEncrypted': 1,
    'PCI.DSS.321-APIGWSSLEnabled': 1,
    'PCI.DSS.321-S3BucketReplicationEnabled': 4,
    'PCI.DSS.321-S3DefaultEncryptionKMS': 1,
    'PCI.DSS.321-VPCNoUnrestrictedRouteToIGW': 2,
    'Serverless-LambdaDLQ': 5,
    'Serverless-LambdaEventSourceMappingDestination': 1,
    'Serverless-LambdaTracing': 5,
    'Serverless-SQSRedrivePolicy': 3,
  });
  expect(report.acknowledged.length).toBeLessThanOrEqual(MOST_IN_PROD);
});
