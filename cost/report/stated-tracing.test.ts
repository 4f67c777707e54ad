import { describe, expect, it } from 'vitest';
import { someFacts } from '../model/model.fixture.ts';
import { tracedOf, tracingLines } from './stated-tracing.ts';

const untraced = someFacts();

function withTraced(...names: (keyof typeof untraced.functions)[]) {
  const functions = { ...untraced.functions };
  for (const name of names) functions[name] = { ...functions[name], traced: true };
  return functions;
}

describe('what is traced, as it is said of a deployment', () => {
  it('is the share of the requests that the gateway takes, whose functions follow it', () => {
    const facts = {
      ...untraced,
      edge: { kind: 'rest', accessLogFormat: null, detailedMetrics: false, tracedShare: 0.01 },
      functions: withTraced('api', 'authorizer'),
    } as const;
    expect(tracingLines([{ name: 'prod', traced: tracedOf(facts) }])).toEqual([
      'traced in prod: 1 % of the requests',
    ]);
  });

  it('is what each function decides by itself where no gateway does', () => {
    const facts = {
      ...untraced,
      edge: { kind: 'cloudfront', edgeFunctions: 0, accessLogs: null },
      functions: withTraced('api', 'sweep'),
    } as const;
    expect(tracingLines([{ name: 'prod', traced: tracedOf(facts) }])).toEqual([
      'traced in prod: the first run in each second and 5 % of the others of api, sweep',
    ]);
  });

  it('is nothing where nothing is', () => {
    const facts = { ...untraced, edge: { kind: 'cloudfront', edgeFunctions: 0, accessLogs: null } } as const;
    expect(tracingLines([{ name: 'dev', traced: tracedOf(facts) }])).toEqual(['traced in dev: nothing']);
  });
});
