import { type ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';

/** One alarm. Missing data is no alarm unless it says so: most metrics have data only while something happens. */
export interface AlarmDefinition {
  readonly name: string;
  /** @default - the name: its page in docs/runbooks */
  readonly page?: string;
  /** What it means for payments, for somebody who has just been woken. */
  readonly says: string;
  readonly metric: IMetric;
  readonly threshold: number;
  /** @default - in alarm above the threshold */
  readonly comparison?: ComparisonOperator;
  /** @default 1 */
  readonly periods?: number;
  /** @default false - data that is missing is no alarm */
  readonly missingIsBad?: boolean;
  /** @default 'ops' */
  readonly to?: 'ops' | 'security';
  /** Something that happened and is not over when the next period is quiet, so that "OK" would mislead. */
  readonly event?: boolean;
  /** A deployment during which it goes off is rolled back. */
  readonly rollsBack?: boolean;
}

/** Failures in a period below which a rate says nothing: one failed request at night is not a third of all. */
export const FEW = 3;

export function missingData({ missingIsBad }: AlarmDefinition): TreatMissingData {
  return missingIsBad ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING;
}
