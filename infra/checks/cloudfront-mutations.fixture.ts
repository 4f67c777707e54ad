import { at } from '../nag/template-values.ts';
import { type Mutation, put, setting, the } from './mutation.fixture.ts';

const DISTRIBUTION = ['AWS::CloudFront::Distribution', undefined] as const;
const BEHAVIOR = 'DistributionConfig.DefaultCacheBehavior';
const edge = 'cloudfront';

/** Mistakes in the other edge. */
export const CLOUDFRONT_MUTATIONS: readonly Mutation[] = [
  {
    what: 'a distribution without the firewall',
    caughtBy: 'one distribution before everything',
    edge,
    spoil: setting(...DISTRIBUTION, 'DistributionConfig.WebACLId', undefined),
  },
  {
    what: 'plain HTTP at the edge',
    caughtBy: 'one distribution before everything',
    edge,
    spoil: setting(...DISTRIBUTION, `${BEHAVIOR}.ViewerProtocolPolicy`, 'allow-all'),
  },
  {
    what: 'answers that CloudFront keeps',
    caughtBy: 'one distribution before everything',
    edge,
    spoil: setting(...DISTRIBUTION, `${BEHAVIOR}.CachePolicyId`, '658327ea-f89d-4fab-a63d-7e88639e58f6'),
  },
  {
    what: 'a URL that anyone may call',
    caughtBy: 'no one else may call the URL',
    edge,
    spoil: setting('AWS::Lambda::Url', undefined, 'AuthType', 'NONE'),
  },
  {
    what: 'a URL that every distribution may call',
    caughtBy: 'no one else may call the URL',
    edge,
    spoil: (template) => {
      const found = template
        .ofType('AWS::Lambda::Permission')
        .find(({ properties }) => at(properties, 'Action') === 'lambda:InvokeFunctionUrl');
      put(found?.properties, 'SourceArn', undefined);
    },
  },
  {
    what: 'requests that are signed only sometimes',
    caughtBy: 'no one else may call the URL',
    edge,
    spoil: setting(
      'AWS::CloudFront::OriginAccessControl',
      undefined,
      'OriginAccessControlConfig.SigningBehavior',
      'no-override',
    ),
  },
  {
    what: 'requests that pass by the function at the edge, and may say what they like',
    caughtBy: 'every request passes the function at the edge',
    edge,
    spoil: setting(...DISTRIBUTION, `${BEHAVIOR}.FunctionAssociations`, undefined),
  },
  {
    what: 'call-backs that nobody hashes',
    caughtBy: 'every request passes the function at the edge',
    edge,
    spoil: setting(...DISTRIBUTION, 'DistributionConfig.CacheBehaviors', undefined),
  },
  {
    what: 'queries in the access log of the edge',
    caughtBy: 'tells neither path, query nor header',
    edge,
    spoil: setting('AWS::Logs::Delivery', undefined, 'RecordFields', ['c-ip', 'sc-status', 'cs-uri-query']),
  },
  {
    what: 'a circle: the function that answers is told the address that is made after it',
    caughtBy: 'waits for itself',
    edge,
    spoil: (template) => {
      const address = { 'Fn::GetAtt': [the(template, 'AWS::CloudFront::Distribution').id, 'DomainName'] };
      const api = the(template, 'AWS::Lambda::Function', 'payment-processor');
      put(api.properties, 'Environment.Variables.PUBLIC_URL', address);
    },
  },
];
