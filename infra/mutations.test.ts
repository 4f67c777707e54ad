import { describe, expect, it } from 'vitest';
import { checkTemplate, TEMPLATE_CHECKS } from './checks/all-checks.ts';
import { CLOUDFRONT_MUTATIONS } from './checks/cloudfront-mutations.fixture.ts';
import { INSIDE_MUTATIONS } from './checks/inside-mutations.fixture.ts';
import { mutated } from './checks/mutation.fixture.ts';
import { OUTSIDE_MUTATIONS } from './checks/outside-mutations.fixture.ts';
import { PROD, SYNTHESIS_MS, wholeTemplate } from './stack.fixture.ts';

const MUTATIONS = [...INSIDE_MUTATIONS, ...OUTSIDE_MUTATIONS, ...CLOUDFRONT_MUTATIONS];
const SUFFIX = 'dev123';
const REGION = 'us-east-1';

describe('A template with a mistake in it fails the check that is about it', {
  timeout: SYNTHESIS_MS,
}, () => {
  it.each(MUTATIONS.map((mutation) => [mutation.what, mutation] as const))('%s', (_what, mutation) => {
    const { profile = 'prod', edge = 'rest', caughtBy } = mutation;
    const deployment = { profile, region: REGION, suffix: SUFFIX, edge };
    const template = wholeTemplate({
      ...(profile === 'prod' ? PROD : {}),
      ...(edge === 'rest' ? {} : { edge }),
    });
    const found = [...checkTemplate(mutated(template, SUFFIX, mutation), deployment).keys()];
    expect(found).toContainEqual(expect.stringContaining(caughtBy));
  });
});

it('each mistake names one check', () => {
  const ambiguous = MUTATIONS.filter(
    ({ caughtBy }) => TEMPLATE_CHECKS.filter(({ says }) => says.includes(caughtBy)).length !== 1,
  );
  expect(ambiguous.map(({ what }) => what)).toEqual([]);
});

it('each trap has a mistake that its check catches', () => {
  const untried = TEMPLATE_CHECKS.filter(
    ({ says }) => says.startsWith('trap') && !MUTATIONS.some(({ caughtBy }) => says.includes(caughtBy)),
  );
  expect(untried.map(({ says }) => says)).toEqual([]);
});
