import type { Component, Usage } from '../bill/usage.ts';
import type { Mix } from '../mix/mix.ts';
import { figure } from '../model/figure.ts';
import { HOURS_PER_MONTH, SECONDS_PER_MONTH } from '../model/stated.ts';
import { declared } from './declared.ts';
import { KEPT_PAYMENT, WRITE_UNITS_PER_PAYMENT } from './design.ts';
import { requestPath } from './request-path.ts';
import { standing } from './standing.ts';
import { logStorage, stored } from './stored.ts';

/** One thing that the reference says it has made cheaper. */
export interface Claim {
  readonly part: Component;
  /** Its own words. */
  readonly quote: string;
  /** How it was before, as counted here. */
  readonly before: string;
  /** What had to be assumed, as the text says nothing; null: nothing. */
  readonly assumed: string | null;
}

/**
 * Share of the provisioned write capacity that is used. So that on-demand, at 0.625 $ a million, is 32.5 % cheaper, the
 * middle of the claim: a million units at full use cost 1,000,000 / 3,600 × 0.00065 = 0.1806 $, and
 * 0.1806 / u × (1 - 0.325) = 0.625 gives u = 0.195.
 */
const USED_SHARE = 0.195;

export const CLAIMS: readonly Claim[] = [
  {
    part: 'functions',
    quote: 'Lambda memory optimization (3008MB → 512MB) with ARM64: ~70% savings',
    before: '3008 MB, x86; processor time shrinks to that of a whole core, waiting does not',
    assumed: 'the same milliseconds of processor on either architecture',
  },
  {
    part: 'database',
    quote: 'DynamoDB on-demand billing: ~25-40% savings vs over-provisioned',
    before: `provisioned write capacity of which ${figure(USED_SHARE * 100)} % is used, which makes the claim true at 32.5 %`,
    assumed: 'how far it was over-provisioned; no read capacity',
  },
  {
    part: 'edge',
    quote: 'API Gateway consolidation: ~30% reduction',
    before:
      'the same requests at the same price: a REST API is billed by the request, however many APIs there are',
    assumed: null,
  },
  {
    part: 'network',
    quote: 'Single NAT Gateway: ~50% reduction vs multi-AZ',
    before: 'a NAT gateway with its address in each of two zones; the same bytes',
    assumed: null,
  },
  {
    part: 'audit log',
    quote: 'S3 Glacier lifecycle: ~80% storage cost reduction',
    before: 'the same: its objects are under 128 KB and never move',
    assumed: null,
  },
  {
    part: 'logs and traces',
    quote: 'CloudWatch log retention (7 days): ~60% logging cost reduction',
    before: 'kept for ever: as many months of logs stand there as of payments',
    assumed: 'the same lines; ingesting them, which is nearly all of it, costs the same',
  },
];

/**
 * The "before" that the reference claims to be 40 % and more cheaper than, from what it says of it; where it says
 * nothing, as the reference is.
 * @param paymentsPerMonth payments created in a month
 */
export function usagesBefore(paymentsPerMonth: number, mix: Mix): readonly Usage[] {
  const path = requestPath(paymentsPerMonth, mix, { memoryMb: 3_008, gbSecondPrice: 'lambda.gbs.x86' });
  const unitsPerSecond = (paymentsPerMonth * WRITE_UNITS_PER_PAYMENT) / SECONDS_PER_MONTH;
  return [
    ...path,
    declared(
      'database',
      'hours of provisioned write capacity units',
      'ddb.wcu',
      (unitsPerSecond / USED_SHARE) * HOURS_PER_MONTH,
      `${figure(unitsPerSecond)} units a second on average, ${figure(USED_SHARE * 100)} % of what is provisioned`,
    ),
    ...stored(paymentsPerMonth, mix, KEPT_PAYMENT),
    logStorage(path, mix, null),
    ...standing(2),
  ];
}
