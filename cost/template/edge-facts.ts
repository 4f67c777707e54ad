import type { Resource, TemplateModel } from '../../infra/checks/template-model.ts';
import { at, flatText, items, numberOf } from '../../infra/nag/template-values.ts';
import { hasDetailedMetrics, hasEdgeLambda, isCallBacks } from './edge.ts';
import type { EdgeFacts } from './facts.ts';
import { invoked } from './sources.ts';
import { TemplateError } from './template-error.ts';

/** X-Ray's own rule where there is no other, beside the first request of each second. */
const DEFAULT_TRACED_SHARE = 0.05;

/** Lambda's default. */
const LEAST_MEMORY_MB = 128;

/** @throws TemplateError if there is neither a REST API nor a distribution */
export function readEdgeFacts(template: TemplateModel): EdgeFacts {
  const [stage] = template.ofType('AWS::ApiGateway::Stage');
  if (stage) return restFacts(stage, template);
  const [distribution] = template.ofType('AWS::CloudFront::Distribution');
  if (distribution) return cloudFrontFacts(distribution, template);
  throw new TemplateError(
    'The template has neither a stage of API Gateway nor a distribution of CloudFront.',
  );
}

function restFacts({ properties }: Resource, template: TemplateModel): EdgeFacts {
  const format = at(properties, 'AccessLogSetting', 'Format');
  const traced = at(properties, 'TracingEnabled') === true;
  return {
    kind: 'rest',
    accessLogFormat: format === undefined ? null : flatText(format),
    detailedMetrics: hasDetailedMetrics(properties),
    tracedShare: traced ? sampled(template) : 0,
  };
}

function sampled(template: TemplateModel): number {
  const rates = template
    .ofType('AWS::XRay::SamplingRule')
    .map(({ properties }) => at(properties, 'SamplingRule'))
    .filter((rule) => ['*', 'AWS::ApiGateway::Stage'].includes(flatText(at(rule, 'ServiceType'))))
    .map((rule) => numberOf(at(rule, 'FixedRate'), 'the share of requests that are traced'));
  return rates[0] ?? DEFAULT_TRACED_SHARE;
}

function cloudFrontFacts({ properties }: Resource, template: TemplateModel): EdgeFacts {
  const config = at(properties, 'DistributionConfig');
  const delivered = template
    .ofType('AWS::Logs::DeliveryDestination')
    .some((destination) => template.referred(destination.properties, 'AWS::S3::Bucket').length > 0);
  const toBucket = delivered || at(config, 'Logging', 'Bucket') !== undefined;
  const isLogged = toBucket || template.ofType('AWS::Logs::Delivery').length > 0;
  const hashing = items(at(config, 'CacheBehaviors')).find(
    (each) => isCallBacks(each) && hasEdgeLambda(each),
  );
  const [lambda] = invoked(at(hashing, 'LambdaFunctionAssociations'), template);
  return {
    kind: 'cloudfront',
    ...(lambda && {
      callbackLambdaMb: numberOf(
        at(lambda.properties, 'MemorySize') ?? LEAST_MEMORY_MB,
        `the memory of ${lambda.id}`,
      ),
    }),
    edgeFunctions: items(at(config, 'DefaultCacheBehavior', 'FunctionAssociations')).length,
    accessLogs: toBucket ? 's3' : isLogged ? 'logs' : null,
  };
}
