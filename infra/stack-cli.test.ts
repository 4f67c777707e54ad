import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { at } from './nag/template-values.ts';
import { readValidationReport } from './nag/validation-report.ts';
import { SYNTHESIS_MS, wholeTemplate } from './stack.fixture.ts';

const ROOT = resolve(import.meta.dirname, '..');

describe('The command line', { timeout: SYNTHESIS_MS }, () => {
  const output = mkdtempSync(join(tmpdir(), 'cli-'));
  afterAll(() => rmSync(output, { recursive: true, force: true }));

  function cdk(...context: readonly string[]) {
    return spawnSync(
      process.execPath,
      [
        join(ROOT, 'node_modules/aws-cdk/bin/cdk'),
        'synth',
        '--quiet',
        '--output',
        output,
        ...context.flatMap((each) => ['-c', each]),
      ],
      {
        cwd: ROOT,
        encoding: 'utf8',
        // cdk.json says `node`: that which runs this test.
        env: { ...process.env, PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH ?? ''}` },
      },
    );
  }

  it('synthesises what these tests look at, with no finding open', () => {
    const { status, stderr } = cdk('environmentSuffix=dev123');
    expect(status, stderr).toBe(0);
    const made: unknown = JSON.parse(readFileSync(join(output, 'Payment.template.json'), 'utf8'));
    for (const part of ['Resources', 'Outputs', 'Parameters', 'Rules']) {
      expect(at(made, part)).toEqual(at(wholeTemplate(), part));
    }
    expect(readValidationReport(output).open).toEqual([]);
  });

  it('refuses prod with the simulator, and Shield Advanced before a REST API, and says what to do', () => {
    const { status, stderr } = cdk('environmentSuffix=dev123', 'profile=prod', 'shieldAdvanced=on');
    expect(status).not.toBe(0);
    expect(stderr).toContain('For a load test or a review say -c allowSimulator=true too.');
    expect(stderr).toContain('Shield Advanced covers no REST API. Leave it off.');
  });

  it('names every mistake of the context at once', () => {
    const { status, stderr } = cdk('environmentSuffix=Dev_1', 'profil=prod', 'shieldAdvanced=maybe');
    expect(status).not.toBe(0);
    expect(stderr).toContain('-c environmentSuffix=Dev_1 cannot be used.');
    expect(stderr).toContain('-c profil is not known.');
    expect(stderr).toContain('-c shieldAdvanced=maybe cannot be used. Give off, on.');
  });
});
