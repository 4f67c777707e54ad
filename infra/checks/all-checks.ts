import { ALERT_CHECKS } from './alert-checks.ts';
import { CLOUDFRONT_CHECKS } from './cloudfront-checks.ts';
import { DATA_CHECKS } from './data-checks.ts';
import { EDGE_CHECKS } from './edge-checks.ts';
import { FLEET_CHECKS } from './fleet-checks.ts';
import { FUNCTION_CHECKS } from './function-checks.ts';
import { GOVERNANCE_CHECKS } from './governance-checks.ts';
import { NETWORK_CHECKS } from './network-checks.ts';
import type { Deployment, TemplateCheck } from './template-check.ts';
import { readTemplate } from './template-model.ts';

/** Every row and every trap of the design that a template can be asked about. */
export const TEMPLATE_CHECKS: readonly TemplateCheck[] = [
  ...NETWORK_CHECKS,
  ...DATA_CHECKS,
  ...FUNCTION_CHECKS,
  ...EDGE_CHECKS,
  ...CLOUDFRONT_CHECKS,
  ...FLEET_CHECKS,
  ...ALERT_CHECKS,
  ...GOVERNANCE_CHECKS,
];

/** Those that are about a deployment's edge, or about any. */
export function checksOf({ edge = 'rest' }: Pick<Deployment, 'edge'>): TemplateCheck[] {
  return TEMPLATE_CHECKS.filter((check) => check.edge === undefined || check.edge === edge);
}

/** The problems of a template by the check that finds them; checks that find none are left out. */
export function checkTemplate(json: unknown, deployment: Deployment): Map<string, string[]> {
  const template = readTemplate(json, deployment.suffix);
  return new Map(
    checksOf(deployment)
      .map(({ says, find }) => [says, find(template, deployment)] as const)
      .filter(([, problems]) => problems.length > 0),
  );
}
