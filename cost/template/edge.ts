import type { Resource, TemplateModel } from '../../infra/checks/template-model.ts';
import { at, flatText, items } from '../../infra/nag/template-values.ts';
import { free, type Part, type Registry } from './reader.ts';
import { byTheHour, byTheMonth } from './standing.ts';

/** Count, Latency, IntegrationLatency, 4XXError, 5XXError: a cache would have two more (API Gateway's docs). */
const METHOD_METRICS = 5;
/** What a distribution has more with its own subscription to metrics (CloudFront's docs). */
const DISTRIBUTION_METRICS = 8;

export const EDGE: Registry = {
  'AWS::ApiGateway::RestApi': { volume: 'requests' },
  'AWS::ApiGateway::Stage': { fixed: stages },
  ...free(
    'requests are paid for, not what they are answered by',
    'AWS::ApiGateway::Account',
    'AWS::ApiGateway::Authorizer',
    'AWS::ApiGateway::BasePathMapping',
    'AWS::ApiGateway::Deployment',
    'AWS::ApiGateway::DomainName',
    'AWS::ApiGateway::GatewayResponse',
    'AWS::ApiGateway::Method',
    'AWS::ApiGateway::Model',
    'AWS::ApiGateway::RequestValidator',
    'AWS::ApiGateway::Resource',
  ),
  'AWS::CloudFront::Distribution': { fixed: distributions },
  'AWS::CloudFront::Function': { volume: 'invocations, by the requests' },
  'AWS::CloudFront::MonitoringSubscription': {
    fixed: (found) =>
      byTheMonth({
        component: 'monitoring',
        what: 'metrics of the distribution',
        price: 'cw.metric',
        count: found.length * DISTRIBUTION_METRICS,
        basis: 'assumed',
        note: `${DISTRIBUTION_METRICS} of each distribution`,
      }),
  },
  ...free(
    'requests are paid for, not how they are treated',
    'AWS::CloudFront::CachePolicy',
    'AWS::CloudFront::OriginAccessControl',
    'AWS::CloudFront::OriginRequestPolicy',
    'AWS::CloudFront::ResponseHeadersPolicy',
  ),
  'AWS::ElasticLoadBalancingV2::LoadBalancer': { fixed: loadBalancers },
  ...free(
    'paid for with the load balancer',
    'AWS::ElasticLoadBalancingV2::Listener',
    'AWS::ElasticLoadBalancingV2::ListenerRule',
    'AWS::ElasticLoadBalancingV2::TargetGroup',
  ),
  'AWS::Route53::HostedZone': {
    fixed: (found) =>
      byTheMonth({ component: 'edge', what: 'DNS zones', price: 'r53.zone', count: found.length }),
  },
  ...free('names of AWS’s own addresses are looked up for nothing', 'AWS::Route53::RecordSet'),
};

function stages(found: readonly Resource[], template: TemplateModel): Part[] {
  const detailed = found.filter(({ properties }) => hasDetailedMetrics(properties));
  const methods = template.ofType('AWS::ApiGateway::Method').length;
  return [
    ...byTheMonth({
      component: 'monitoring',
      what: 'metrics of each method of the API',
      price: 'cw.metric',
      count: detailed.length * methods * METHOD_METRICS,
      note: `${METHOD_METRICS} metrics × ${methods} methods as they are defined, each called in every hour`,
      basis: 'assumed',
    }),
    ...found
      .filter(({ properties }) => at(properties, 'CacheClusterEnabled') === true)
      .map(({ id }) => ({ logicalId: id, why: 'a cache, which is paid by the hour' })),
  ];
}

export function hasDetailedMetrics(stage: unknown): boolean {
  return items(at(stage, 'MethodSettings')).some((setting) => at(setting, 'MetricsEnabled') === true);
}

export function hasEdgeLambda(behaviour: unknown): boolean {
  return items(at(behaviour, 'LambdaFunctionAssociations')).length > 0;
}

/** Paths of PSPs, whose call-backs are in the model, and of the simulator, which no real deployment has. */
export function isCallBacks(behaviour: unknown): boolean {
  return /^\/(callbacks|simulator)\//.test(flatText(at(behaviour, 'PathPattern')));
}

/** Requests and bytes are the model's. */
function distributions(found: readonly Resource[]): Part[] {
  return found.flatMap(({ id, properties }): Part[] => {
    const config = at(properties, 'DistributionConfig');
    const behaviours = [at(config, 'DefaultCacheBehavior'), ...items(at(config, 'CacheBehaviors'))];
    const why: string[] = [];
    if (flatText(at(config, 'ViewerCertificate', 'SslSupportMethod')) === 'vip')
      why.push('an address of its own');
    if (behaviours.some((each) => hasEdgeLambda(each) && !isCallBacks(each))) why.push('Lambda@Edge');
    if (behaviours.some((each) => at(each, 'RealtimeLogConfigArn') !== undefined)) why.push('real-time logs');
    if (items(at(config, 'Origins')).some((each) => at(each, 'OriginShield', 'Enabled') === true)) {
      why.push('Origin Shield');
    }
    return why.map((what) => ({ logicalId: id, why: `${what}: the model counts none` }));
  });
}

/** The hours; what goes through it is not in the model. */
function loadBalancers(found: readonly Resource[]): Part[] {
  const kind = ({ properties }: Resource) => flatText(at(properties, 'Type')) || 'application';
  const of = (type: string) => found.filter((each) => kind(each) === type);
  const isInternal = ({ properties }: Resource) => flatText(at(properties, 'Scheme')) === 'internal';
  const open = found.filter((each) => !isInternal(each));
  const zones = open.map(({ properties }) =>
    Math.max(items(at(properties, 'Subnets')).length, items(at(properties, 'SubnetMappings')).length),
  );
  return [
    ...byTheHour({
      component: 'edge',
      what: 'application load balancers',
      price: 'alb.hour',
      count: of('application').length,
    }),
    ...byTheHour({
      component: 'edge',
      what: 'network load balancers',
      price: 'nlb.hour',
      count: of('network').length,
    }),
    ...byTheHour({
      component: 'edge',
      what: 'public addresses of load balancers',
      price: 'ipv4',
      count: zones.reduce((sum, each) => sum + each, 0),
      note: 'one in each zone',
    }),
    ...found.map((each) => ({
      logicalId: each.id,
      why: `what goes through a load balancer of type ${kind(each)} is not in the model`,
    })),
  ];
}
