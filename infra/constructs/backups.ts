import { Aws, Duration, RemovalPolicy } from 'aws-cdk-lib';
import {
  BackupPlan,
  BackupPlanRule,
  BackupResource,
  BackupSelection,
  BackupVault,
} from 'aws-cdk-lib/aws-backup';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { Schedule } from 'aws-cdk-lib/aws-events';
import { ManagedPolicy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { Names } from '../names.ts';
import type { Settings } from '../settings.ts';

/**
 * Each backup is a full copy of all payments: three of them, cold after a day, are $0.09 per GB and month; twelve would
 * be $0.36, more than the table itself, and warm $1.20. A year's history is in the audit log, which is locked for as
 * long.
 */
const COLD_AFTER_DAYS = 1;
/** Cold storage is charged for 90 days at least. */
const KEPT_DAYS = COLD_AFTER_DAYS + 90;

export interface BackupsProps {
  readonly names: Names;
  readonly profile: Settings['profile'];
  readonly tables: readonly ITable[];
  /** Encrypts the backups. */
  readonly key: IKey;
}

/** A copy of the tables each month in `prod`, kept for 91 days: point-in-time recovery reaches back 35 days only. */
export class Backups extends Construct {
  /** Not in `dev`. */
  readonly vault?: BackupVault;

  constructor(scope: Construct, id: string, props: BackupsProps) {
    super(scope, id);
    const { names, profile, tables, key } = props;
    if (profile !== 'prod') return;
    this.vault = new BackupVault(this, 'Vault', {
      backupVaultName: names.of('payment-backups'),
      encryptionKey: key,
      // Governance: an administrator can lift it, where a mistake in a lifecycle or a stolen role cannot delete.
      lockConfiguration: { minRetention: Duration.days(KEPT_DAYS) },
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    const plan = new BackupPlan(this, 'Plan', {
      backupPlanName: names.of('payment-backups'),
      backupVault: this.vault,
      backupPlanRules: [
        new BackupPlanRule({
          ruleName: 'monthly',
          scheduleExpression: Schedule.cron({ minute: '0', hour: '3', day: '1', month: '*', year: '*' }),
          moveToColdStorageAfter: Duration.days(COLD_AFTER_DAYS),
          deleteAfter: Duration.days(KEPT_DAYS),
        }),
      ],
    });
    new BackupSelection(this, 'Tables', {
      backupPlan: plan,
      backupSelectionName: names.of('payment-tables'),
      resources: tables.map((table) => BackupResource.fromArn(table.tableArn)),
      role: this.#role(props, this.vault),
      disableDefaultBackupPolicy: true,
    });
  }

  /** What AWS's own policy for backups allows on every resource of the account, for these tables alone. */
  #role({ names, tables, key }: BackupsProps, vault: BackupVault): Role {
    const role = new Role(this, 'Role', {
      roleName: names.accountWide('payment-backups'),
      description: 'Backs up the payment tables',
      // Without `aws:SourceAccount`: AWS Backup is not documented to give it here, tries the role when the selection is
      // made, and a role of this account cannot be passed from another.
      assumedBy: new ServicePrincipal('backup.amazonaws.com'),
    });
    const arns = tables.map((table) => table.tableArn);
    new ManagedPolicy(this, 'Policy', {
      managedPolicyName: names.accountWide('payment-backups'),
      description: 'Backups of the payment tables',
      roles: [role],
      statements: [
        new PolicyStatement({
          actions: [
            'dynamodb:CreateBackup',
            'dynamodb:DescribeTable',
            'dynamodb:ListTagsOfResource',
            'dynamodb:StartAwsBackupJob',
          ],
          resources: arns,
        }),
        new PolicyStatement({
          actions: ['dynamodb:DeleteBackup', 'dynamodb:DescribeBackup'],
          resources: arns.map((arn) => `${arn}/backup/*`),
        }),
        new PolicyStatement({
          actions: ['backup:CopyIntoBackupVault', 'backup:DescribeBackupVault'],
          resources: [vault.backupVaultArn],
        }),
        new PolicyStatement({ actions: ['kms:DescribeKey'], resources: [key.keyArn] }),
        new PolicyStatement({
          actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
          resources: [key.keyArn],
          conditions: { StringEquals: { 'kms:ViaService': ['backup', 'dynamodb'].map(via) } },
        }),
        new PolicyStatement({
          actions: ['kms:CreateGrant'],
          resources: [key.keyArn],
          conditions: { Bool: { 'kms:GrantIsForAWSResource': 'true' } },
        }),
      ],
    });
    return role;
  }
}

function via(service: string): string {
  return `${service}.${Aws.REGION}.amazonaws.com`;
}
