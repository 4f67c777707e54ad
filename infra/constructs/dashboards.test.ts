import { Template } from 'aws-cdk-lib/assertions';
import { expect, it } from 'vitest';
import { testStack } from '../stack.fixture.ts';
import { Alarms } from './alarms.ts';
import { Dashboards, type DashboardsProps } from './dashboards.ts';
import { watched } from './watched.fixture.ts';

interface Widget {
  type: string;
  properties: { title?: string; metrics?: unknown[]; alarms?: unknown[] };
}

/** What CloudFormation would put together, with a placeholder where it puts an id. */
function text(body: unknown): string {
  if (typeof body === 'string') return body;
  const [, parts] = (body as { 'Fn::Join': [string, unknown[]] })['Fn::Join'];
  return parts.map((part) => (typeof part === 'string' ? part : 'id')).join('');
}

function dashboards(changes: Partial<DashboardsProps> = {}): Map<string, Widget[]> {
  const stack = testStack();
  const { ops, security, ...props } = watched(stack);
  const alarms = new Alarms(stack, 'Alarms', {
    ...props,
    ops,
    security,
    writeCaps: { table: 4_000, index: 8_000 },
    maxBacklog: 100_000,
  });
  new Dashboards(stack, 'Dashboards', {
    ...props,
    alarms: alarms.all,
    fleetName: 'payment-asg-dev123',
    aclRules: ['SQLiProtection', 'RateLimitRule'],
    topics: [ops, security],
    ...changes,
  });
  const found = Object.values(Template.fromStack(stack).findResources('AWS::CloudWatch::Dashboard'));
  return new Map(
    found.map(({ Properties }) => [
      Properties.DashboardName,
      JSON.parse(text(Properties.DashboardBody)).widgets as Widget[],
    ]),
  );
}

const all = dashboards();
const titles = (name: string) => (all.get(name) ?? []).map(({ properties }) => properties.title);

it('are three, named for the whole account by region and suffix', () => {
  expect([...all.keys()].toSorted()).toEqual([
    'payment-costs-us-east-1-dev123',
    'payment-ops-us-east-1-dev123',
    'payment-security-us-east-1-dev123',
  ]);
});

it('have the widgets of the reference', () => {
  expect(titles('payment-costs-us-east-1-dev123')).toEqual(
    expect.arrayContaining(['Lambda Invocations', 'DynamoDB Consumed Capacity', 'API Gateway Requests']),
  );
  expect(titles('payment-security-us-east-1-dev123')).toContain('WAF Blocked Requests');
  expect(titles('payment-ops-us-east-1-dev123')).toEqual(
    expect.arrayContaining(['Lambda Duration', 'Lambda Errors', 'API Gateway Latency', 'DynamoDB Latency']),
  );
});

it('show payments by each status that they can have', () => {
  const widget = all
    .get('payment-ops-us-east-1-dev123')
    ?.find(({ properties }) => properties.title === 'How many payments, and with which outcome?');
  const shown = JSON.stringify(widget?.properties.metrics);
  for (const status of ['completed', 'authorized', 'processing', 'requires_action', 'failed', 'canceled'])
    expect(shown).toContain(`["Tollgate","Payments","Deployment","dev123","Status","${status}"`);
});

it('show the state of every alarm', () => {
  const widget = all.get('payment-ops-us-east-1-dev123')?.find(({ type }) => type === 'alarm');
  expect(widget?.properties.alarms?.length).toBeGreaterThan(25);
});

it('leave the fleet out where there is none', () => {
  const none = dashboards({ fleetName: undefined });
  const questions = [...none.values()].flat().map(({ properties }) => properties.title);
  expect(questions.filter((title) => /fleet|instances/.test(title ?? ''))).toEqual([]);
  expect(JSON.stringify([...none.values()])).not.toContain('AutoScalingGroupName');
});

it('have no graph without a metric', () => {
  const graphs = [...all.values()].flat().filter(({ type }) => type === 'metric');
  expect(graphs.length).toBeGreaterThan(20);
  for (const { properties } of graphs) expect(properties.metrics?.length).toBeGreaterThan(0);
});
