import { Template } from 'aws-cdk-lib/assertions';
import { expect, it } from 'vitest';
import { PROD, SYNTHESIS_MS, testStack, wholeTemplate } from '../stack.fixture.ts';
import { Alarms } from './alarms.ts';
import { Dashboards, type DashboardsProps } from './dashboards.ts';
import { urlMetrics } from './metrics.ts';
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

it('show the metrics of the edge that there is', () => {
  const { functions } = watched(testStack());
  const { authorizer: _, ...withoutAuthorizer } = functions;
  const edge = dashboards({
    functions: withoutAuthorizer,
    api: urlMetrics(functions.api),
    distributionId: 'E123',
    aclRegion: undefined,
  });
  const text = JSON.stringify([...edge.values()]);
  expect(text).toContain('"Function URL Requests"');
  expect(text).toContain('["AWS/CloudFront","Requests","DistributionId","E123","Region","Global"');
  expect(text).not.toMatch(/AWS\/ApiGateway|payment-authorizer|"Region","us-east-1","Rule"/);
  expect(JSON.stringify([...all.values()])).not.toContain('AWS/CloudFront');
});

it('have no graph without a metric', () => {
  const graphs = [...all.values()].flat().filter(({ type }) => type === 'metric');
  expect(graphs.length).toBeGreaterThan(20);
  for (const { properties } of graphs) expect(properties.metrics?.length).toBeGreaterThan(0);
});

/** As CloudWatch counts them, and as `cost/template` does: each metric of each widget. Beyond it a dashboard costs $3. */
const FREE_METRICS = 50;

it.each(['rest', 'cloudfront'])(
  'cost nothing in the whole stack behind %s',
  { timeout: SYNTHESIS_MS },
  (edge) => {
    const template = Template.fromJSON(wholeTemplate({ ...PROD, edge }) as Record<string, unknown>);
    const found = Object.values(template.findResources('AWS::CloudWatch::Dashboard'));
    expect(found).toHaveLength(3);
    for (const { Properties } of found) {
      const { widgets } = JSON.parse(text(Properties.DashboardBody)) as { widgets: Widget[] };
      const metrics = widgets
        .flatMap(({ properties }) => properties.metrics ?? [])
        .filter((line) => typeof (line as unknown[])[0] === 'string');
      expect(metrics.length, Properties.DashboardName).toBeLessThanOrEqual(FREE_METRICS);
      expect(metrics.length, Properties.DashboardName).toBeGreaterThan(20);
    }
  },
);

it('read the access log by the name that it has', { timeout: SYNTHESIS_MS }, () => {
  const groups = (context: Record<string, string>) => {
    const template = wholeTemplate({ ...PROD, ...context });
    const { Properties } = Object.values(
      Template.fromJSON(template as Record<string, unknown>).findResources('AWS::CloudWatch::Dashboard', {
        Properties: { DashboardName: 'payment-costs-us-east-1-dev123' },
      }),
    )[0] as { Properties: { DashboardBody: unknown } };
    return {
      shown: text(Properties.DashboardBody).includes('"LogGroupName","payment-api-access-dev123"'),
      made: JSON.stringify(template).includes('"LogGroupName":"payment-api-access-dev123"'),
    };
  };
  expect(groups({ edge: 'rest' })).toEqual({ shown: true, made: true });
  expect(groups({ edge: 'cloudfront' })).toEqual({ shown: false, made: false });
});
