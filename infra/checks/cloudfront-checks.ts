import { at, flatText, items, texts } from '../nag/template-values.ts';
import { unless, wants } from './differences.ts';
import type { TemplateCheck } from './template-check.ts';
import type { TemplateModel } from './template-model.ts';

/** Policies of AWS: nothing is kept, and everything is handed on but the host. */
const CACHING_DISABLED = '4135ea2d-6df8-44a3-9df3-4b5a84be39ad';
const ALL_VIEWER_EXCEPT_HOST = 'b689b0a8-53d0-40ab-baf2-68738e2966ac';

function config(template: TemplateModel): unknown {
  return at(template.ofType('AWS::CloudFront::Distribution')[0]?.properties, 'DistributionConfig');
}

/** The default one and those of single paths. */
function behaviors(template: TemplateModel): unknown[] {
  return [at(config(template), 'DefaultCacheBehavior'), ...items(at(config(template), 'CacheBehaviors'))];
}

export const CLOUDFRONT_CHECKS: readonly TemplateCheck[] = [
  {
    says: 'cloudfront: nothing of API Gateway is there, and no authorizer',
    edge: 'cloudfront',
    find: (template) => [
      ...template.all
        .filter(({ type }) => /^AWS::ApiGateway/.test(type))
        .map(({ id }) => `${id} is of API Gateway`),
      ...unless(!template.named('AWS::Lambda::Function', 'payment-authorizer'), 'an authorizer nobody asks'),
    ],
  },
  {
    says: 'cloudfront: one distribution before everything, HTTPS only, all methods, nothing kept, with the cheapest edges',
    edge: 'cloudfront',
    find: (template) => [
      ...unless(template.ofType('AWS::CloudFront::Distribution').length === 1, 'not one distribution'),
      ...wants(template.ofType('AWS::CloudFront::Distribution')[0], 'distribution', {
        DistributionConfig: {
          Enabled: true,
          HttpVersion: 'http2and3',
          PriceClass: 'PriceClass_100',
          WebACLId: /^<ProcessingFirewallAcl\w*\.Arn>$/,
          Origins: [
            { OriginAccessControlId: /Signer/, CustomOriginConfig: { OriginProtocolPolicy: 'https-only' } },
          ],
        },
      }),
      ...behaviors(template).flatMap((behavior) => [
        ...unless(at(behavior, 'ViewerProtocolPolicy') === 'https-only', 'plain HTTP is taken'),
        ...unless(at(behavior, 'CachePolicyId') === CACHING_DISABLED, 'answers are kept'),
        ...unless(at(behavior, 'OriginRequestPolicyId') === ALL_VIEWER_EXCEPT_HOST, 'headers are lost'),
        ...unless(items(at(behavior, 'AllowedMethods')).length === 7, 'a method is not taken'),
      ]),
    ],
  },
  {
    says: 'cloudfront: every request is signed, and no one else may call the URL of the live alias',
    edge: 'cloudfront',
    find: (template) => [
      ...wants(template.ofType('AWS::Lambda::Url')[0], 'URL', { AuthType: 'AWS_IAM', Qualifier: 'live' }),
      ...wants(template.ofType('AWS::CloudFront::OriginAccessControl')[0], 'signer', {
        OriginAccessControlConfig: {
          OriginAccessControlOriginType: 'lambda',
          SigningBehavior: 'always',
          SigningProtocol: 'sigv4',
        },
      }),
      ...['lambda:InvokeFunctionUrl', 'lambda:InvokeFunction'].flatMap((action) => {
        const permissions = template
          .ofType('AWS::Lambda::Permission')
          .filter(({ properties }) => at(properties, 'Action') === action)
          .filter(({ properties }) =>
            template
              .referred(at(properties, 'FunctionName'), 'AWS::Lambda::Alias')[0]
              ?.id.includes('FunctionsApi'),
          );
        return [
          ...unless(permissions.length === 1, `${permissions.length} may ${action}`),
          ...wants(permissions[0], action, {
            Principal: 'cloudfront.amazonaws.com',
            SourceArn: /:distribution\/<ProcessingEdgeDistribution\w+>$/,
          }),
        ];
      }),
    ],
  },
  {
    says: 'cloudfront: every request passes the function at the edge, and call-backs the one that hashes bodies',
    edge: 'cloudfront',
    find: (template) => [
      ...wants(template.ofType('AWS::CloudFront::Function')[0], 'function', {
        AutoPublish: true,
        FunctionConfig: { Runtime: 'cloudfront-js-2.0' },
        FunctionCode: /x-tollgate-authorization/,
      }),
      ...behaviors(template).flatMap((behavior) =>
        unless(
          items(at(behavior, 'FunctionAssociations')).some(
            (one) => at(one, 'EventType') === 'viewer-request',
          ),
          'requests pass by the function at the edge',
        ),
      ),
      ...unless(
        items(at(config(template), 'CacheBehaviors')).some(
          (behavior) =>
            at(behavior, 'PathPattern') === '/callbacks/*' &&
            items(at(behavior, 'LambdaFunctionAssociations')).some((one) => at(one, 'IncludeBody') === true),
        ),
        'a PSP cannot call back',
      ),
    ],
  },
  {
    says: 'cloudfront: the access log tells neither path, query nor header',
    edge: 'cloudfront',
    find(template) {
      const [delivery] = template.ofType('AWS::Logs::Delivery');
      const fields = texts(at(delivery?.properties, 'RecordFields'));
      return [
        ...wants(template.ofType('AWS::Logs::DeliverySource')[0], 'source', {
          LogType: 'ACCESS_LOGS',
          ResourceArn: /distribution/,
        }),
        ...unless(fields.includes('c-ip') && fields.includes('sc-status'), 'the log tells too little'),
        ...fields
          .filter((field) => /uri|\(|header|cookie/i.test(field))
          .map((field) => `${flatText(field)} may hold a card number`),
      ];
    },
  },
];
