import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { AWS_SETTINGS } from '../../src/aws-config.ts';
import { FUNCTION_NAMES, type FunctionName } from '../bundles.ts';
import { deployed, testStack } from '../stack.fixture.ts';
import { someCode, testFunctions } from './functions.fixture.ts';
import { type PaymentFunctionsProps, SHAPES } from './payment-functions.ts';

interface Statement {
  Effect: 'Allow' | 'Deny';
  Action: string | string[];
  Resource: unknown;
  Condition?: Record<string, Record<string, unknown>>;
}

function synthesised(props: Partial<PaymentFunctionsProps> = {}) {
  const stack = testStack();
  const { functions } = testFunctions(stack, props);
  functions.reachedAt('https://pay.example.com');
  return Template.fromStack(stack);
}

/** Synthesised once: nothing here changes it. */
const standard = synthesised();

function propertiesOf(template: Template, name: FunctionName) {
  const FunctionName = `${SHAPES[name].name}-dev123`;
  const [found] = Object.values(
    template.findResources('AWS::Lambda::Function', { Properties: { FunctionName } }),
  );
  return found?.Properties;
}

/** The functions that begin traces; the others go on with those of whoever invokes them. */
function tracing(template: Template): FunctionName[] {
  return FUNCTION_NAMES.filter((name) => propertiesOf(template, name)?.TracingConfig.Mode === 'Active');
}

/** What a function is allowed, its own and its shared policies together. */
function statementsOf(template: Template, name: FunctionName): Statement[] {
  const role = deployed(propertiesOf(template, name).Role).slice(1, -'.Arn>'.length);
  return Object.values(template.findResources('AWS::IAM::ManagedPolicy'))
    .filter(({ Properties }) => Properties.Roles.some(({ Ref }: { Ref: string }) => Ref === role))
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement as Statement[])
    .filter(({ Effect }) => Effect === 'Allow');
}

function actionsOf({ Action }: Statement): string[] {
  return [Action].flat();
}

function resourcesOf({ Resource }: Statement): unknown[] {
  return [Resource].flat();
}

/** `<Payments130453D3.StreamArn>` → `PaymentsStream` */
function readable(resource: unknown): string {
  return deployed(resource).replace(/<([A-Za-z]+?)[0-9A-F]{8}\.(Stream)?Arn>/, '$1$2');
}

/** `dynamodb:GetItem Payments test#* live#*`: action, resource without its id, and the keys it is bound to. */
function lines(statements: readonly Statement[]): string[] {
  return statements
    .flatMap((statement) => {
      const keys = statement.Condition?.['ForAllValues:StringLike']?.['dynamodb:LeadingKeys'];
      const bound = [keys ?? []].flat().join(' ');
      return resourcesOf(statement).flatMap((resource) =>
        actionsOf(statement).map((action) => `${action} ${readable(resource)} ${bound}`.trim()),
      );
    })
    .filter((line) => !/^(ec2|xray|logs|kms):/.test(line))
    .sort();
}

const COMMON_PAYMENTS = [
  'dynamodb:GetItem Payments test#* live#*',
  'dynamodb:PutItem Payments test#* live#*',
];
const LISTS = [
  'dynamodb:BatchGetItem Payments test#* live#*',
  'dynamodb:Query Payments/index/status-index open#* test#* live#*',
];
const SIMULATOR = ['GetItem', 'PutItem', 'UpdateItem'].map((action) => `dynamodb:${action} Simulator`);
const READER = [
  'dynamodb:DescribeStream PaymentsStream',
  'dynamodb:GetRecords PaymentsStream',
  'dynamodb:GetShardIterator PaymentsStream',
  'dynamodb:ListStreams PaymentsStream',
  's3:ListBucket FailedEvents',
  's3:PutObject FailedEvents/aws/lambda/*',
];
const AUDIT = [
  'dynamodb:GetItem Control audit',
  'dynamodb:PutItem Control audit',
  's3:GetObject Audit/audit/*',
  's3:PutObject Audit/audit/*',
];

/** All that each may do but logs, traces, network interfaces and keys. */
const PERMISSIONS: Record<FunctionName, string[]> = {
  api: [
    ...COMMON_PAYMENTS,
    ...LISTS,
    ...SIMULATOR,
    'dynamodb:DeleteItem Control dead',
    'dynamodb:PutItem Control probe',
    'secretsmanager:GetSecretValue <SecretA720EF05>',
    'sqs:GetQueueAttributes Queue',
  ],
  authorizer: ['dynamodb:GetItem Payments key#*', 'sqs:GetQueueAttributes Queue'],
  relay: [...READER, 'sqs:SendMessage Queue'],
  worker: [
    ...COMMON_PAYMENTS,
    ...SIMULATOR,
    'dynamodb:DeleteItem Control dead',
    'dynamodb:PutItem Control dead',
    'dynamodb:UpdateItem Control dead',
    'secretsmanager:GetSecretValue <SecretA720EF05>',
    'sqs:ChangeMessageVisibility Queue',
    'sqs:DeleteMessage Queue',
    'sqs:GetQueueAttributes Queue',
    'sqs:ReceiveMessage Queue',
    'sqs:SendMessage Queue',
  ],
  audit: [...READER, ...AUDIT],
  sweep: [
    ...COMMON_PAYMENTS,
    ...LISTS,
    ...SIMULATOR,
    ...AUDIT,
    'dynamodb:DeleteItem Control dead',
    'dynamodb:PutItem Control dead',
    'dynamodb:UpdateItem Control dead',
    'dynamodb:Query Control dead',
    's3:DeleteObject FailedEvents/aws/lambda/*',
    's3:GetObject FailedEvents/aws/lambda/*',
    's3:ListBucket FailedEvents',
    'secretsmanager:GetSecretValue <SecretA720EF05>',
    'sqs:GetQueueAttributes DeadLetters',
    'sqs:GetQueueAttributes Queue',
    'sqs:SendMessage FunctionsFailedInvocations',
    'sqs:SendMessage Queue',
  ],
  rotation: [
    'secretsmanager:DescribeSecret <SecretA720EF05>',
    'secretsmanager:GetRandomPassword *',
    'secretsmanager:GetSecretValue <SecretA720EF05>',
    'secretsmanager:PutSecretValue <SecretA720EF05>',
    'secretsmanager:UpdateSecretVersionStage <SecretA720EF05>',
    'sqs:SendMessage FunctionsFailedInvocations',
  ],
};

describe('the functions', () => {
  it.each([
    ['api', 'payment-processor', 512, 30, 50],
    ['worker', 'event-handler', 256, 60, 20],
    ['relay', 'payment-relay', 256, 60, 20],
    ['audit', 'payment-audit', 512, 120, 20],
    ['sweep', 'payment-sweep', 256, 120, 1],
    ['authorizer', 'payment-authorizer', 256, 10, 20],
    ['rotation', 'payment-rotation', 256, 60, 1],
  ] as const)('have their figures: %s', (name, called, memory, timeout, reserved) => {
    expect(propertiesOf(standard, name)).toMatchObject({
      FunctionName: `${called}-dev123`,
      MemorySize: memory,
      Timeout: timeout,
      ReservedConcurrentExecutions: reserved,
    });
  });

  it('reserve nothing in an account that has nothing to reserve', () => {
    const template = synthesised({ reserveConcurrency: false });
    for (const name of FUNCTION_NAMES) {
      expect(propertiesOf(template, name).ReservedConcurrentExecutions).toBeUndefined();
    }
  });

  it('begin traces in prod only where API Gateway has sampled them: Lambda alone would record 5 % and more', () => {
    expect(tracing(standard)).toEqual(FUNCTION_NAMES);
    expect(tracing(synthesised({ profile: 'prod' }))).toEqual(['api', 'authorizer']);
  });

  it('put aside failed invocations only where they are invoked asynchronously', () => {
    const put = FUNCTION_NAMES.filter((name) => propertiesOf(standard, name).DeadLetterConfig !== undefined);
    expect(put.sort()).toEqual(['rotation', 'sweep']);
  });
});

describe('behind CloudFront', () => {
  const bundled: string[] = [];
  const codeFolder = (name: string) => {
    bundled.push(name);
    return someCode();
  };
  const environment = { LOG_LEVEL: 'warn' };
  const levelOf = (template: Template, name: FunctionName) =>
    propertiesOf(template, name).Environment.Variables.LOG_LEVEL;
  const behind = synthesised({ edge: 'cloudfront', profile: 'prod', environment, codeFolder });

  it('there is no authorizer: the API runs other code, and looks keys up by itself', () => {
    expect(propertiesOf(behind, 'authorizer')).toBeUndefined();
    expect(bundled).toContain('url');
    expect(bundled).not.toContain('authorizer');
    expect(bundled).not.toContain('api');
    const own = lines(statementsOf(behind, 'api'));
    expect(own).toEqual([...PERMISSIONS.api, 'dynamodb:GetItem Payments key#*'].sort());
  });

  it('the API begins no traces: nobody samples them before it', () => {
    expect(tracing(behind)).toEqual([]);
    expect(tracing(synthesised({ edge: 'cloudfront' }))).toEqual(
      FUNCTION_NAMES.filter((name) => name !== 'api' && name !== 'authorizer'),
    );
  });

  it('the API logs in prod which merchant and key asked for what, which the edge does not know', () => {
    expect([levelOf(behind, 'api'), levelOf(behind, 'worker')]).toEqual(['info', 'warn']);
  });

  it('the API is not told an address that is made after it', () => {
    const stack = testStack();
    const { functions } = testFunctions(stack, { edge: 'cloudfront', environment });
    functions.reachedAt('https://d1.cloudfront.net', { isKnownBefore: false });
    const template = Template.fromStack(stack);
    const told = (['api', 'worker', 'sweep'] as const).map(
      (name) => propertiesOf(template, name).Environment.Variables.PUBLIC_URL,
    );
    expect(told).toEqual([undefined, 'https://d1.cloudfront.net', 'https://d1.cloudfront.net']);
    expect(levelOf(template, 'api')).toBe('warn');
  });
});

describe('the settings of the functions', () => {
  it('are all that the runtime knows of a deployment, but the port of the fleet', () => {
    const template = synthesised({ environment: { LOG_LEVEL: 'warn' } });
    const { HEALTH_PORT: _, ...settings } = AWS_SETTINGS;
    for (const name of FUNCTION_NAMES) {
      const { Variables } = propertiesOf(template, name).Environment;
      const given = Object.keys(Variables).filter((key) => key !== 'PUBLIC_URL');
      expect(given.sort(), name).toEqual([...Object.keys(settings), 'LOG_LEVEL', 'STORE'].sort());
    }
  });

  it('say where the API is to those who tell customers', () => {
    const told = FUNCTION_NAMES.filter(
      (name) => propertiesOf(standard, name).Environment.Variables.PUBLIC_URL === 'https://pay.example.com',
    );
    expect(told.sort()).toEqual(['api', 'sweep', 'worker']);
  });

  it('say of retention and the simulator what was said', () => {
    const { Variables } = propertiesOf(
      synthesised({ hotRetentionDays: 400, allowSimulator: true, profile: 'prod' }),
      'worker',
    ).Environment;
    expect(Variables).toMatchObject({ HOT_RETENTION_DAYS: '400', ALLOW_SIMULATOR: 'true', PROFILE: 'prod' });
  });
});

describe('what the functions may do', () => {
  it.each(FUNCTION_NAMES)('is what their task needs, on what it needs: %s', (name) => {
    expect(lines(statementsOf(standard, name))).toEqual([...PERMISSIONS[name]].sort());
  });

  it('has no wildcard but where AWS has no resource level', () => {
    const everywhere = new Set<string>();
    for (const name of FUNCTION_NAMES) {
      for (const statement of statementsOf(standard, name)) {
        for (const action of actionsOf(statement)) {
          expect(action).not.toContain('*');
          if (resourcesOf(statement).includes('*')) everywhere.add(action);
        }
      }
    }
    expect([...everywhere].filter((action) => !/^(ec2|xray):/.test(action))).toEqual([
      'secretsmanager:GetRandomPassword',
    ]);
  });

  it('uses the key for the sake of one service each, and encrypts nothing where it only reads', () => {
    for (const name of FUNCTION_NAMES) {
      for (const statement of statementsOf(standard, name)) {
        if (!actionsOf(statement).some((action) => action.startsWith('kms:'))) continue;
        expect(resourcesOf(statement).map(readable), name).toEqual(['Key']);
        expect(deployed(statement.Condition?.StringEquals?.['kms:ViaService']), name).toMatch(
          /^(dynamodb|s3|sqs|secretsmanager)\.us-east-1\./,
        );
      }
    }
    expect(JSON.stringify(statementsOf(standard, 'authorizer'))).not.toMatch(/kms:(GenerateDataKey|Encrypt)/);
  });

  it('leaves out the simulator where there is none', () => {
    const text = JSON.stringify(statementsOf(synthesised({ simulator: undefined }), 'worker'));
    expect(text).not.toContain('Simulator');
  });

  it('covers every call that the adapters make', () => {
    const allowed = new Set(
      FUNCTION_NAMES.flatMap((name) => statementsOf(standard, name).flatMap(actionsOf)),
    );
    const missing = callsOf('src/adapters', 'src/connectors').filter((action) => !allowed.has(action));
    // A report of the simulator is for the command line.
    expect(missing).toEqual(['dynamodb:Scan']);
  });
});

it.each(['audit', 'sweep'] as const)(
  '%s goes before the audit log’s bucket is emptied and deleted',
  (name) => {
    const emptied = Object.keys(standard.findResources('Custom::S3AutoDeleteObjects')).find((id) =>
      id.startsWith('Audit'),
    );
    const FunctionName = `${SHAPES[name].name}-dev123`;
    const [found] = Object.values(
      standard.findResources('AWS::Lambda::Function', { Properties: { FunctionName } }),
    );
    expect(found?.DependsOn).toContain(emptied);
  },
);

const SERVICES: Readonly<Record<string, string>> = {
  dynamodb: 'dynamodb',
  s3: 's3',
  sqs: 'sqs',
  'secrets-manager': 'secretsmanager',
};
/** Calls whose permission has another name. */
const PERMISSION: Readonly<Record<string, string>> = {
  DeleteMessageBatch: 'DeleteMessage',
  SendMessageBatch: 'SendMessage',
  ListObjectsV2: 'ListBucket',
};

/** `new PutItemCommand(` in an adapter of DynamoDB → `dynamodb:PutItem`. */
function callsOf(...folders: string[]): string[] {
  const found = new Set<string>();
  for (const folder of folders) {
    const root = join(import.meta.dirname, '..', '..', folder);
    for (const file of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.ts') || /\.(test|fixture)\.ts$/.test(file)) continue;
      const text = readFileSync(join(root, file), 'utf8');
      const client = /@aws-sdk\/client-([a-z0-9-]+)/.exec(text)?.[1] ?? '';
      for (const [, call = ''] of text.matchAll(/new (\w+)Command\(/g)) {
        found.add(`${SERVICES[client]}:${PERMISSION[call] ?? call}`);
      }
    }
  }
  return [...found].sort();
}
