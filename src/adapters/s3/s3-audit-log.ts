import type { S3Client } from '@aws-sdk/client-s3';
import type { AuditLog } from '../../ports/audit-log.ts';
import { type AppendDeps, createAppend, headOf } from './append-object.ts';
import { createAuditObjects } from './audit-objects.ts';
import { createObjectReader } from './read-objects.ts';

export interface S3AuditLogDeps extends Omit<AppendDeps, 'objects'> {
  client: S3Client;
  bucket: string;
}

/** The audit log in the numbered objects of a bucket, with its head elsewhere. Any number of processes may append. */
export function createS3AuditLog({ client, bucket, ...deps }: S3AuditLogDeps): AuditLog {
  return createObjectAuditLog({ ...deps, objects: createAuditObjects({ client, bucket }) });
}

/** It keeps no position: a stream's position is for its reader to keep. */
export function createObjectAuditLog(deps: AppendDeps): AuditLog {
  const append = createAppend(deps);
  return {
    append: (entries) => append(entries),
    head: async () => headOf(await deps.heads.load()),
    ...createObjectReader(deps),
  };
}
