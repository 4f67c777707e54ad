import { beforeAll, describe, expect, it } from 'vitest';
import { readTemplate as readModel } from '../../infra/checks/template-model.ts';
import type { TemplateReading } from './facts.ts';
import { readTemplate } from './read-template.ts';
import { REGISTRY } from './registry.ts';
import { SynthesisError, synthesise, synthesiseAll } from './synthesise.ts';

/** A synthesis takes a few seconds, and many on a busy machine. */
const SYNTHESIS_MS = 120_000;

const PROD = { profile: 'prod', allowSimulator: 'true' };
const CASES = [
  ['dev', { profile: 'dev' }],
  ['prod', PROD],
  ['prod behind CloudFront', { ...PROD, edge: 'cloudfront' }],
] as const;
const HOURS = 730;

function counted({ fixed }: TemplateReading, price: string): number {
  return fixed.filter((usage) => usage.price === price).reduce((sum, { quantity }) => sum + quantity, 0);
}

describe('The templates as they are', { timeout: SYNTHESIS_MS }, () => {
  let templates: readonly object[];
  const read = (index: number) => readTemplate(templates[index], { profile: index === 0 ? 'dev' : 'prod' });
  beforeAll(async () => {
    templates = await synthesiseAll(CASES.map(([, context]) => context));
  }, SYNTHESIS_MS);

  it.each(CASES.map(([name], i) => [name, i] as const))(
    'have nothing unknown, and as many things as they cost: %s',
    (_, i) => {
      const reading = read(i);
      expect(reading.unknown).toEqual([]);
      const model = readModel(templates[i], 'cost');
      const there = (type: string) => model.ofType(type).length;
      expect(counted(reading, 'nat.hour')).toBe(there('AWS::EC2::NatGateway') * HOURS);
      expect(counted(reading, 'ipv4')).toBe(there('AWS::EC2::EIP') * HOURS);
      expect(counted(reading, 'kms.key')).toBe(there('AWS::KMS::Key'));
      expect(counted(reading, 'secrets.secret')).toBe(there('AWS::SecretsManager::Secret'));
      expect(counted(reading, 'cw.dashboard') + counted(reading, 'cw.dashboard.large')).toBe(
        there('AWS::CloudWatch::Dashboard'),
      );
      expect(counted(reading, 'waf.acl')).toBe(there('AWS::WAFv2::WebACL'));
      expect(counted(reading, 'cw.alarm')).toBeGreaterThanOrEqual(there('AWS::CloudWatch::Alarm'));
      for (const price of ['kms.key', 'secrets.secret', 'ipv4', 'waf.rule']) {
        expect(counted(reading, price), price).toBeGreaterThan(0);
      }
    },
  );

  it('differ as the stack does', () => {
    const [dev, prod, behind] = [read(0), read(1), read(2)];
    expect(dev.facts).toMatchObject({ nat: 'instance', fleet: null, backups: null, auditDataEvents: false });
    expect(prod.facts).toMatchObject({
      nat: 'gateway',
      fleet: { instances: 1, instanceType: 't4g.small', spot: false },
      backups: { perMonth: 1 },
      auditDataEvents: true,
    });
    expect(prod.facts.edge).toMatchObject({
      kind: 'rest',
      accessLogFormat: expect.stringContaining('$context.'),
    });
    expect(behind.facts.edge).toEqual({
      kind: 'cloudfront',
      edgeFunctions: 1,
      callbackLambdaMb: 128,
      accessLogs: 's3',
    });
    expect(counted(dev, 'ec2.t4g.nano')).toBe(HOURS);
    expect(counted(prod, 'ec2.t4g.small')).toBe(HOURS);
  });

  it('have no type that, taken from the registry, would be counted as nothing', () => {
    for (const template of templates) {
      for (const type of new Set(readModel(template, 'cost').all.map((resource) => resource.type))) {
        const { [type]: taken, ...registry } = REGISTRY;
        expect(taken, type).toBeDefined();
        const { unknown } = readTemplate(template, { profile: 'prod', registry });
        expect(new Set(unknown.map((each) => each.type)), type).toEqual(new Set([type]));
      }
    }
  });

  it('are refused with what the settings say', async () => {
    const refused = synthesise({ profile: 'prod', workers: 'nobody' });
    await expect(refused).rejects.toThrow(SynthesisError);
    await expect(refused).rejects.toThrow('-c workers=nobody cannot be used. Give both, lambda, fleet.');
  });
});
