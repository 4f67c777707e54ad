import { describe, expect, it } from 'vitest';
import { CHOICES } from './choices.ts';
import { collected, createTestSources, type TestSources } from './report.fixture.ts';
import { runCost } from './run-cost.ts';

async function run(argv: string, sources: TestSources = createTestSources()) {
  const io = collected();
  const exit = await runCost(argv === '' ? [] : argv.split(' '), io, sources);
  return { exit, ...io.texts() };
}

describe('npm run cost', () => {
  it('prints both profiles beside reference and before, at three volumes', async () => {
    const { exit, out, err } = await run('');
    expect([exit, err]).toEqual([0, '']);
    for (const volume of ['100 thousand', '10 million', '1 billion']) {
      expect(out).toContain(`== ${volume} payments a month`);
    }
    expect(out).toMatch(/US dollars a month +dev +prod +reference +before/);
    expect(out).toMatch(/saved against before/);
    expect(out).toMatch(/nat=instance, workers=lambda, edge=cloudfront/);
    expect(out).toMatch(/What moves the total most: prod, 10 million/);
  });

  it('synthesises each choice once, all in one go, with the settings given', async () => {
    const sources = createTestSources();
    await run('-c nat=instance -c monthlyBudgetUsd=5 --volume 1000', sources);
    expect(sources.asked).toHaveLength(1);
    const [asked = []] = sources.asked;
    const given = { nat: 'instance', monthlyBudgetUsd: '5', region: 'us-east-1' };
    expect(asked[0]).toEqual({ profile: 'dev', context: given });
    expect(asked[1]).toEqual({ profile: 'prod', context: given });
    const keys = asked.map((one) => JSON.stringify(one));
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys.length).toBeLessThan(CHOICES.length + 2);
  });

  it('prints one profile, and no choices of production for the other', async () => {
    const sources = createTestSources();
    const { out } = await run('--profile dev --volume 5000', sources);
    expect(out).toMatch(/US dollars a month +dev +reference +before/);
    expect(out).not.toMatch(/of the reference/);
    expect(sources.asked.flat()).toHaveLength(1);
  });

  it('prints every line of the bills if asked', async () => {
    const { out } = await run('--lines --volume 5000 --profile prod');
    expect(out).toMatch(/network +NAT gateway +template +one +nat.hour/);
    expect(out).toMatch(/audit log +PutObject +declared/);
  });

  it('prints one JSON document', async () => {
    const { exit, out, err } = await run('--json --volume 10000000 --volume 5000 --volume 5000');
    expect([exit, err]).toEqual([0, '']);
    const report = JSON.parse(out);
    expect(report.volumes.map((volume: { payments_per_month: number }) => volume.payments_per_month)).toEqual(
      [5_000, 10_000_000],
    );
    const [, ten] = report.volumes;
    const [, prod, reference] = ten.systems;
    expect(prod.saved_against_reference).toBeCloseTo(1 - prod.total_usd / reference.total_usd, 12);
    expect(prod.per_million_usd).toBeCloseTo(prod.total_usd / 10, 9);
    expect(report.unknown).toEqual([]);
  });

  it('ends with 1 where the template has what nobody knows the price of, and names it', async () => {
    const sources = createTestSources([{ logicalId: 'Racks', type: 'AWS::New::Thing' }]);
    const { exit, out } = await run('--volume 5000', sources);
    expect(exit).toBe(1);
    expect(out).toMatch(/NOT IN THE TOTAL[\s\S]*AWS::New::Thing \(Racks\)/);
    expect(JSON.parse((await run('--json --volume 5000', sources)).out).unknown).toEqual([
      'AWS::New::Thing (Racks)',
    ]);
  });

  it('leaves out a choice that does not go with the settings given, and says why', async () => {
    const { exit, out } = await run('--volume 5000 --profile prod -c plain=1');
    expect(exit).toBe(0);
    expect(out).toMatch(/prod, with these settings +[\d.]+ +[\d.]+ +[\d.]+$/m);
    expect(out).toMatch(/Not with these settings: edge=cloudfront\n-c plain has no edge\./);
    expect(out).toMatch(/nat=instance, workers=lambda +[\d.]+/);
  });

  it('explains itself', async () => {
    const { exit, out, err } = await run('--help');
    expect([exit, err]).toEqual([0, '']);
    expect(out).toMatch(/^Usage: cost[\s\S]*--volume[\s\S]*Exit codes:[\s\S]*Examples:/);
  });

  it.each([
    ['--nonsense', /unknown option '--nonsense'/],
    ['extra', /too many arguments/],
    ['--volume 0', /argument '0' is invalid.*from 1 to 100000000000/],
    ['--volume 1e6', /argument '1e6' is invalid.*in digits/],
    ['--volume -5', /'-5'.*invalid|argument missing|unknown option/],
    ['--volume 100000000001', /is invalid/],
    ['--profile live', /argument 'live' is invalid. Allowed choices are dev, prod/],
    ['-c nat', /argument 'nat' is invalid. Give it as name=value/],
    ['-c profile=dev', /Say it with --profile/],
    ['-c region=eu-west-1', /Say it with --region/],
    ['--region mars-1', /no prices of the region "mars-1"/],
    ['-c bad=1', /^-c bad is not known\.\n$/],
  ])('refuses %s and says why', async (argv, message) => {
    const { exit, out, err } = await run(argv);
    expect([exit, out]).toEqual([2, '']);
    expect(err).toMatch(message);
  });

  it('says that there are no prices before anything is synthesised', async () => {
    const sources = createTestSources();
    await run('--region mars-1', sources);
    expect(sources.asked).toEqual([]);
  });
});
