import { createDynamoAuditHeads } from '../adapters/dynamodb/dynamo-audit-heads.ts';
import { createDynamoClient } from '../adapters/dynamodb/dynamo-client.ts';
import { createS3AuditLog } from '../adapters/s3/s3-audit-log.ts';
import { createS3Client } from '../adapters/s3/s3-client.ts';
import { required } from '../aws-config.ts';
import type { AwsBase } from './parts.ts';

/** The audit log in its bucket, with its head in the control table. */
export function awsAuditLog({ config, timers, ids, logger }: AwsBase) {
  return createS3AuditLog({
    client: createS3Client(),
    bucket: required(config, 'BUCKET_NAME'),
    heads: createDynamoAuditHeads({
      client: createDynamoClient(),
      tableName: required(config, 'CONTROL_TABLE_NAME'),
    }),
    timers,
    ids,
    logger,
  });
}
