import { Template } from 'aws-cdk-lib/assertions';
import { AttributeType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Key } from 'aws-cdk-lib/aws-kms';
import { describe, expect, it } from 'vitest';
import type { Settings } from '../settings.ts';
import { deployed, testNames, testStack } from '../stack.fixture.ts';
import { Backups } from './backups.ts';

function synthesised(profile: Settings['profile'] = 'prod'): Template {
  const stack = testStack();
  const tables = ['Payments', 'Control'].map(
    (id) => new Table(stack, id, { partitionKey: { name: 'pk', type: AttributeType.STRING } }),
  );
  new Backups(stack, 'Backups', { names: testNames(), profile, tables, key: new Key(stack, 'Key') });
  return Template.fromStack(stack);
}

describe('backups', () => {
  it('are not made in dev', () => {
    const template = synthesised('dev');
    template.resourceCountIs('AWS::Backup::BackupPlan', 0);
    template.resourceCountIs('AWS::Backup::BackupVault', 0);
  });

  it('are made each month, since each is a full copy, and kept for as long as cold storage charges for at least', () => {
    const [plan] = Object.values(synthesised().findResources('AWS::Backup::BackupPlan'));
    expect(plan?.Properties.BackupPlan.BackupPlanRule).toMatchObject([
      {
        ScheduleExpression: 'cron(0 3 1 * ? *)',
        Lifecycle: { MoveToColdStorageAfterDays: 1, DeleteAfterDays: 91 },
      },
    ]);
  });

  it('are of every table that was given', () => {
    const [selection] = Object.values(synthesised().findResources('AWS::Backup::BackupSelection'));
    expect(selection?.Properties.BackupSelection.Resources.map(deployed)).toEqual([
      expect.stringMatching(/^<Payments.*\.Arn>$/),
      expect.stringMatching(/^<Control.*\.Arn>$/),
    ]);
  });

  it('are encrypted, cannot be deleted early, and stay when the stack goes', () => {
    const [vault] = Object.values(synthesised().findResources('AWS::Backup::BackupVault'));
    expect(vault).toMatchObject({
      DeletionPolicy: 'RetainExceptOnCreate',
      Properties: { BackupVaultName: 'payment-backups-dev123', LockConfiguration: { MinRetentionDays: 91 } },
    });
    expect(deployed(vault?.Properties.EncryptionKeyArn)).toMatch(/^<Key.*\.Arn>$/);
  });

  it('are made by a role that reaches these tables, this vault and this key', () => {
    const template = synthesised();
    const [policy] = Object.values(template.findResources('AWS::IAM::ManagedPolicy'));
    const resources: string[] = policy?.Properties.PolicyDocument.Statement.flatMap(
      (each: { Resource: unknown }) => [each.Resource].flat().map(deployed),
    );
    for (const resource of resources)
      expect(resource).toMatch(/^<(Payments|Control|BackupsVault|Key)\w*\.\w+>/);
    const [role] = Object.values(template.findResources('AWS::IAM::Role'));
    expect(role?.Properties.ManagedPolicyArns).toBeUndefined();
    // With a condition that AWS Backup does not meet, it could not take the role, and the selection would be refused.
    expect(role?.Properties.AssumeRolePolicyDocument.Statement).toEqual([
      { Action: 'sts:AssumeRole', Effect: 'Allow', Principal: { Service: 'backup.amazonaws.com' } },
    ]);
    template.resourceCountIs('AWS::IAM::Policy', 0);
  });
});
