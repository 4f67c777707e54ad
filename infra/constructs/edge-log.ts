import { ArnFormat, Aws, Stack } from 'aws-cdk-lib';
import type { Distribution } from 'aws-cdk-lib/aws-cloudfront';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnDelivery, CfnDeliveryDestination, CfnDeliverySource } from 'aws-cdk-lib/aws-logs';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { Names } from '../names.ts';

/**
 * What the access log says of a request: neither path, query, cookies, referrer nor user agent, in all of which there
 * may be a card number, and nothing has looked yet. Who asked, and for which route, the function's own log says.
 */
export const LOGGED_FIELDS = [
  'date',
  'time',
  'x-edge-request-id',
  'c-ip',
  'cs-method',
  'cache-behavior-path-pattern',
  'sc-status',
  'x-edge-result-type',
  'x-edge-detailed-result-type',
  'ssl-protocol',
  'time-taken',
  'time-to-first-byte',
  'cs-bytes',
  'sc-bytes',
];

/** Below it lie the files of the access log. */
const PREFIX = 'edge';

export interface EdgeLogProps {
  readonly names: Names;
  readonly distribution: Distribution;
  readonly bucket: Bucket;
}

/** CloudFront's access log, in the bucket of access logs: to S3 its delivery costs nothing. */
export class EdgeLog extends Construct {
  constructor(scope: Construct, id: string, { names, distribution, bucket }: EdgeLogProps) {
    super(scope, id);
    const name = names.of('payment-edge');
    const source = new CfnDeliverySource(this, 'Source', {
      name,
      logType: 'ACCESS_LOGS',
      resourceArn: distribution.distributionArn,
    });
    const destination = new CfnDeliveryDestination(this, 'Destination', {
      name,
      destinationResourceArn: bucket.arnForObjects(PREFIX),
      outputFormat: 'json',
    });
    const written = bucket.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('delivery.logs.amazonaws.com')],
        actions: ['s3:PutObject'],
        resources: [bucket.arnForObjects(`${PREFIX}/*`)],
        conditions: {
          StringEquals: {
            's3:x-amz-acl': 'bucket-owner-full-control',
            'aws:SourceAccount': Aws.ACCOUNT_ID,
          },
          ArnLike: {
            'aws:SourceArn': Stack.of(this).formatArn({
              service: 'logs',
              resource: 'delivery-source',
              resourceName: name,
              arnFormat: ArnFormat.COLON_RESOURCE_NAME,
            }),
          },
        },
      }),
    );
    const delivery = new CfnDelivery(this, 'Delivery', {
      deliverySourceName: name,
      deliveryDestinationArn: destination.attrArn,
      recordFields: LOGGED_FIELDS,
      s3SuffixPath: '{yyyy}/{MM}/{dd}/{HH}',
    });
    delivery.node.addDependency(source);
    // Whether it may write there is tried when the delivery is made.
    if (written.policyDependable) delivery.node.addDependency(written.policyDependable);
  }
}
