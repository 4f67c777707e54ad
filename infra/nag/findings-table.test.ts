import { describe, expect, it } from 'vitest';
import { acknowledgedByRule, findingsTable } from './findings-table.ts';
import { parseValidationReport } from './validation-report.ts';

const violation = (ruleName: string, ...paths: string[]) => ({
  ruleName,
  description: `${ruleName} is broken.`,
  severity: 'error',
  violatingConstructs: paths.map((constructPath) => ({ constructPath })),
});
const acknowledged = (ruleName: string, ...paths: string[]) => ({
  ...violation(ruleName, ...paths),
  acknowledgedId: `AwsSolutions::${ruleName}`,
  acknowledgedAt: 'Stack',
  reason: 'a reason',
});
const report = parseValidationReport({
  pluginReports: [
    {
      pluginName: 'AwsSolutions',
      violations: [violation('AwsSolutions-S1', 'Stack/A', 'Stack/B')],
      suppressedViolations: [
        acknowledged('AwsSolutions-IAM5[Resource::*]', 'Stack/C', 'Stack/D'),
        acknowledged('AwsSolutions-IAM5[Action::s3:Get*]', 'Stack/C'),
        acknowledged('AwsSolutions-L1', 'Stack/E'),
      ],
    },
    { pluginName: 'Serverless', violations: [], metadata: { error: 'it fell over' } },
  ],
});

describe('The table of findings', () => {
  it('counts each construct, names packs that found nothing, and lists what is open', () => {
    expect(findingsTable([report]).split('\n')).toEqual([
      'pack                     open  acknowledged',
      'AwsSolutions                2             4',
      'PCI.DSS.321                 0             0',
      'NIST.800.53.R5              0             0',
      'HIPAA.Security              0             0',
      'Serverless                  1             0',
      'Payment                     0             0',
      'CloudFormation Validate     0             0',
      'total                       3             4',
      '',
      'error AwsSolutions-S1 at Stack/A: AwsSolutions-S1 is broken.',
      'error AwsSolutions-S1 at Stack/B: AwsSolutions-S1 is broken.',
      'error PluginFailure at (the whole run): it fell over',
    ]);
  });

  it('counts acknowledgements by rule, whatever the finding', () => {
    expect(acknowledgedByRule(report)).toEqual({ 'AwsSolutions-IAM5': 3, 'AwsSolutions-L1': 1 });
  });

  it('does not take another file for a report without findings', () => {
    expect(() => parseValidationReport({})).toThrow(/no pluginReports/);
  });
});
