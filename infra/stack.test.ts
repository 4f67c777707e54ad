import { describe, expect, it } from 'vitest';
import { checksOf, TEMPLATE_CHECKS } from './checks/all-checks.ts';
import type { Deployment } from './checks/template-check.ts';
import { readTemplate } from './checks/template-model.ts';
import { PROD, SYNTHESIS_MS, wholeTemplate } from './stack.fixture.ts';

const IRELAND = { region: 'eu-west-1' };
const CLOUDFRONT = { edge: 'cloudfront' } as const;

const DEPLOYMENTS: readonly [context: Readonly<Record<string, string>>, Omit<Deployment, 'suffix'>][] = [
  [{}, { profile: 'dev', region: 'us-east-1' }],
  [PROD, { profile: 'prod', region: 'us-east-1' }],
  [IRELAND, { profile: 'dev', ...IRELAND }],
  [
    { ...PROD, ...IRELAND },
    { profile: 'prod', ...IRELAND },
  ],
  [CLOUDFRONT, { profile: 'dev', region: 'us-east-1', ...CLOUDFRONT }],
  [
    { ...PROD, ...CLOUDFRONT },
    { profile: 'prod', region: 'us-east-1', ...CLOUDFRONT },
  ],
];

describe.each(DEPLOYMENTS)('The stack with %j', { timeout: SYNTHESIS_MS }, (context, expected) => {
  const deployment = { ...expected, suffix: 'dev123' };

  it.each(checksOf(expected).map(({ says, find }) => [says, find] as const))('%s', (_says, find) => {
    expect(find(readTemplate(wholeTemplate(context), deployment.suffix), deployment)).toEqual([]);
  });
});

it('is checked by rows 1 to 24 of the design, each by at least one test', () => {
  const rows = new Set(TEMPLATE_CHECKS.map(({ says }) => /^row (\d+):/.exec(says)?.[1]).filter(Boolean));
  expect([...rows].map(Number).toSorted((a, b) => a - b)).toEqual(
    Array.from({ length: 24 }, (_, row) => row + 1),
  );
});
