import {
  CloudFormationValidatePlugin,
  type IPolicyValidationContext,
  type IPolicyValidationPlugin,
  type PolicyValidationPluginReport,
} from 'aws-cdk-lib';

/** Without this flag of `cdk.json` the CDK turns every error of the template validation into a warning. */
const ERRORS_STAY_ERRORS = '@aws-cdk/core:validateAgainstDefaultRules';

/** Give it to an `App` that is made without `cdk.json`, as in a test. */
export const TEMPLATE_VALIDATION_CONTEXT: Readonly<Record<string, boolean>> = { [ERRORS_STAY_ERRORS]: true };

/** The name of the second validator, in the report and in acknowledgements. */
export const TEMPLATE_FLAGS = 'Template Flags';

/**
 * What looks at the synthesised template instead of the constructs: the CDK's own validator, which carries the schemas
 * of all resources and the rules of cfn-lint in itself and needs no network. It runs by default (unless CDK_VALIDATION
 * is `false`), but by default it only warns; so the second validator fails where the flag is missing.
 */
export function templateValidators(): IPolicyValidationPlugin[] {
  return [engine(), { name: TEMPLATE_FLAGS, validate: requireFlag }];
}

let shared: CloudFormationValidatePlugin | undefined;

/** Loading the schemas takes two seconds and much memory: once for all apps of a process. */
function engine(): CloudFormationValidatePlugin {
  shared ??= new CloudFormationValidatePlugin();
  return shared;
}

function requireFlag({ appConstruct }: IPolicyValidationContext): PolicyValidationPluginReport {
  const flag: unknown = appConstruct.node.tryGetContext(ERRORS_STAY_ERRORS);
  if (flag === true || flag === 'true') return { success: true, violations: [] };
  return {
    success: false,
    violations: [
      {
        ruleName: 'ErrorsStayErrors',
        description: `Template errors would only be warnings: "${ERRORS_STAY_ERRORS}" is ${String(flag)}.`,
        fix: `Set "${ERRORS_STAY_ERRORS}": true in the context of cdk.json.`,
        severity: 'error',
        violatingResources: [{ constructPath: appConstruct.node.path, locations: [] }],
      },
    ],
  };
}
