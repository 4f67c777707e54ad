import type { Settings } from './settings.ts';

/** The names of everything that has one, all ending in the suffix. */
export interface Names {
  /** `payment-queue` → `payment-queue-dev123`: unique in an account's region. */
  of(name: string): string;
  /** `payment-ops` → `payment-ops-us-east-1-dev123`: for what is one in the whole account (dashboards, budgets). */
  accountWide(name: string): string;
  /** For what is one in the whole world (buckets): the account and region are only known at deployment. */
  bucket(name: string, account: string, region: string): string;
  /** `/payment/dev123/table-name` */
  parameter(name: string): string;
}

export function createNames({
  environmentSuffix: suffix,
  region,
}: Pick<Settings, 'environmentSuffix' | 'region'>): Names {
  return {
    of: (name) => `${name}-${suffix}`,
    accountWide: (name) => `${name}-${region}-${suffix}`,
    bucket: (name, account, bucketRegion) => `${name}-${suffix}-${account}-${bucketRegion}`,
    parameter: (name) => `/payment/${suffix}/${name}`,
  };
}
