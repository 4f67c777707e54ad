import type { Resource } from '../../infra/checks/template-model.ts';
import { at } from '../../infra/nag/template-values.ts';
import { free, type Part, type Registry } from './reader.ts';

/** What a bucket can have that is paid for beside requests and storage. */
const EXTRAS = [
  'AnalyticsConfigurations',
  'IntelligentTieringConfigurations',
  'InventoryConfigurations',
  'MetadataTableConfiguration',
  'MetricsConfigurations',
  'ReplicationConfiguration',
  'AccelerateConfiguration',
];

export const STORAGE: Registry = {
  'AWS::S3::Bucket': { fixed: buckets },
  'AWS::Backup::BackupPlan': { volume: 'copies, by the size of the tables' },
  ...free(
    'copies in it are paid for, by their plan',
    'AWS::Backup::BackupVault',
    'AWS::Backup::BackupSelection',
  ),
  ...free('who may use it costs nothing', 'AWS::S3::BucketPolicy'),
};

/** Requests and storage are the model's. */
function buckets(found: readonly Resource[]): Part[] {
  return found.flatMap(({ id, properties }) =>
    EXTRAS.filter((name) => at(properties, name) !== undefined).map((name) => ({
      logicalId: id,
      why: `${name}: the model counts none`,
    })),
  );
}
