import { Tags } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Settings } from '../settings.ts';
import { TAG_KEYS } from './tag-keys.ts';

/** Who pays for a deployment and answers for it: the values of the tags that are not derived. */
export interface Ownership {
  /** @default 'payments' */
  readonly owner?: string;
  /** @default 'payments' */
  readonly costCenter?: string;
}

/** CloudFormation's schema of dashboards has tags in some regions and tools, and not yet in others. */
const WITHOUT_TAGS = ['AWS::CloudWatch::Dashboard'];

/** On everything below the scope. */
export function addOwnershipTags(
  scope: Construct,
  { environmentSuffix, profile }: Pick<Settings, 'environmentSuffix' | 'profile'>,
  { owner, costCenter }: Ownership,
): void {
  const values: Record<(typeof TAG_KEYS)[number], string> = {
    Project: 'tollgate',
    Environment: `${profile}-${environmentSuffix}`,
    Owner: owner ?? 'payments',
    CostCenter: costCenter ?? 'payments',
    DataClass: 'confidential',
  };
  for (const name of TAG_KEYS) Tags.of(scope).add(name, values[name], { excludeResourceTypes: WITHOUT_TAGS });
}
