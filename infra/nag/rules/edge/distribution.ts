import { findings, type PaymentRule } from '../../rule.ts';
import { at, flatText, items, texts } from '../../template-values.ts';

/** The policy of AWS by which nothing is kept. */
const CACHING_DISABLED = '4135ea2d-6df8-44a3-9df3-4b5a84be39ad';

/** Fields of the access log in which keys or card numbers can stand. Without a list, all of them are logged. */
const SECRETS = /^cs-uri|^cs\((Cookie|Referer|User-Agent)\)|^cs-headers?/i;

export const distribution: PaymentRule = {
  name: 'Distribution',
  info:
    'The distribution has no firewall, takes plain HTTP, keeps answers, sends unsigned requests to its origin, or has no ' +
    'access log or one with paths, queries or headers in it.',
  reason:
    'It is the one public way in; answers are about payments, and nobody has looked at a request before it.',
  source: 'PCI DSS 4.0.1 requirements 1.4.1, 3.3.1, 4.2.1, 6.4.2 and 10.2.1',
  types: ['AWS::CloudFront::Distribution'],
  check({ logicalId, properties }, { stack }) {
    const config = at(properties, 'DistributionConfig');
    const behaviors = [at(config, 'DefaultCacheBehavior'), ...items(at(config, 'CacheBehaviors'))];
    const sources = stack
      .ofType('AWS::Logs::DeliverySource')
      .filter((one) =>
        stack.referred(at(one.properties, 'ResourceArn')).some((of) => of.logicalId === logicalId),
      )
      .map((one) => flatText(at(one.properties, 'Name')));
    const deliveries = stack
      .ofType('AWS::Logs::Delivery')
      .filter((one) => sources.includes(flatText(at(one.properties, 'DeliverySourceName'))));
    const fields = deliveries.map((one) => texts(at(one.properties, 'RecordFields')));
    return findings({
      Firewall: stack.referred(at(config, 'WebACLId'), 'AWS::WAFv2::WebACL').length !== 1,
      PlainHttp: behaviors.some((one) => at(one, 'ViewerProtocolPolicy') === 'allow-all'),
      Cached: behaviors.some((one) => at(one, 'CachePolicyId') !== CACHING_DISABLED),
      Unsigned: !items(at(config, 'Origins')).every(
        (origin) => flatText(at(origin, 'OriginAccessControlId')) !== '',
      ),
      AccessLog: deliveries.length === 0,
      LogFields: fields.some((names) => names.length === 0 || names.some((name) => SECRETS.test(name))),
    });
  },
};
