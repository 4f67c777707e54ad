import { describe, expect, it } from 'vitest';
import { parseContext } from '../settings.ts';
import { advise } from './advise.ts';
import { freshAccount, known } from './preflight.fixture.ts';
import { type Given, preflightReport } from './report.ts';

function report(given: Given, over: Parameters<typeof freshAccount>[0] = {}) {
  const facts = freshAccount(over);
  return preflightReport(facts, advise(facts, parseContext(given)), given);
}

const lastLine = (text: string) => text.split('\n').at(-1)?.trim();

describe('the report', () => {
  it('ends with the shortest line that deploys into a fresh account', () => {
    expect(lastLine(report({ environmentSuffix: 'dev123' }))).toBe(
      'npx cdk deploy -c environmentSuffix=dev123',
    );
  });

  it('adds what the account asks for to what was given', () => {
    const over = {
      recorders: known(['default']),
      concurrency: known({ limit: 10, unreserved: 10, ownReserved: 0 }),
    };
    expect(lastLine(report({ environmentSuffix: 'dev123', region: 'us-east-1' }, over))).toBe(
      'npx cdk deploy -c environmentSuffix=dev123 -c region=us-east-1 -c reservedConcurrency=off -c configRecorder=existing',
    );
  });

  it('leaves what was turned off turned off', () => {
    const given = { environmentSuffix: 'dev123', configRecorder: 'off', guardDuty: 'create' };
    const text = report(given, { recorders: known(['default']) });
    expect(text).not.toContain('You gave');
    expect(lastLine(text)).toContain('-c configRecorder=off -c guardDuty=create');
  });

  it('corrects a value that would fail, and says so', () => {
    const given = { environmentSuffix: 'dev123', configRecorder: 'create' };
    const text = report(given, { recorders: known(['default']) });
    expect(text).toContain('You gave create');
    expect(lastLine(text)).toContain('-c configRecorder=existing');
  });

  it('says what stands in the way and how to remove it', () => {
    const text = report({ environmentSuffix: 'dev123' }, { bootstrapVersion: known(null) });
    expect(text).toContain(
      'STOP CDK bootstrap: there is none. Run: npx cdk bootstrap aws://123456789012/us-east-1',
    );
    expect(text).toContain('1 thing stands in the way');
  });

  it('keeps a value that could not be found out as it was given', () => {
    const given = { environmentSuffix: 'dev123', configRecorder: 'existing' };
    const text = report(given, { recorders: { known: false, why: 'AccessDenied' } });
    expect(text).toContain('-c configRecorder=?  (AccessDenied)');
    expect(lastLine(text)).toContain('-c configRecorder=existing');
  });
});
