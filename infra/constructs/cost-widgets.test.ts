import { Stack } from 'aws-cdk-lib';
import { describe, expect, it } from 'vitest';
import { monthlyUsd } from '../../cost/prices/monthly-usd.ts';
import { readPriceList } from '../../cost/prices/price-list.ts';
import { testStack } from '../stack.fixture.ts';
import { evaluate } from './cost-math.fixture.ts';
import { type CostProps, costUnits } from './cost-units.ts';
import { costOfPayment } from './cost-widgets.ts';
import { urlMetrics } from './metrics.ts';
import { SHAPES } from './payment-functions.ts';
import { watched } from './watched.fixture.ts';

interface Options {
  id?: string;
  label?: string;
  expression?: string;
  period: number;
  visible?: boolean;
  stat?: string;
}

/** A line of a widget: an expression, or a metric by namespace, name and dimensions. */
interface Line extends Options {
  metric: string;
}

const prices = readPriceList('us-east-1');

function propsOf(edge: 'rest' | 'cloudfront', changes: Partial<CostProps> = {}): CostProps {
  const props = watched(testStack());
  if (edge === 'rest') return { ...props, accessLogName: 'payment-api-access-dev123', ...changes };
  const { authorizer: _, ...functions } = props.functions;
  const { aclRegion: __, ...others } = props;
  return { ...others, functions, api: urlMetrics(functions.api), distributionId: 'E123', ...changes };
}

/** A function by its name has it from an ARN, which CloudFormation takes apart. */
function named(part: unknown): string {
  if (typeof part === 'string') return part;
  const text = JSON.stringify(part);
  return `${text.includes('/aws/lambda/') ? '/aws/lambda/' : ''}${/:function:([\w-]+)/.exec(text)?.[1]}`;
}

function widgets(props: CostProps, region = 'us-east-1') {
  const stack = new Stack();
  const [values, text] = costOfPayment(props, region).map((widget) => stack.resolve(widget.toJson())[0]);
  const lines = (values.properties.metrics as unknown[][]).map((line): Line => {
    const isMetric = typeof line[0] === 'string';
    const metric = isMetric ? line.slice(0, -1).map(named).join(' ') : '';
    return { ...(line.at(-1) as Options), metric };
  });
  return {
    values,
    lines,
    title: values.properties.title as string,
    text: text.properties.markdown as string,
  };
}

/** What the widget shows by label, given the sums of an hour by metric. */
function shown(
  lines: readonly Line[],
  sums: Readonly<Record<string, number>>,
): Map<string, number | undefined> {
  const known = (id: string): number | undefined => {
    const line = lines.find((each) => each.id === id);
    if (!line) throw new Error(`nothing has the id ${id}`);
    if (line.expression !== undefined) return evaluate(line.expression, known);
    return sums[line.metric];
  };
  return new Map(
    lines
      .filter(({ visible, expression }) => visible !== false && expression !== undefined)
      .map(({ label = '', expression = '' }) => [label, evaluate(expression, known)]),
  );
}

/** For `units` at the list price, without what an account has for nothing; all are within the first tier. */
const usd = (id: string, units: number) => {
  const price = prices.prices.get(id);
  if (!price) throw new Error(id);
  return monthlyUsd(price, units, 0);
};

const lambda = (metric: string, fn: string) => `AWS/Lambda ${metric} FunctionName fn-${fn}-dev123`;
const table = (metric: string, index = '') =>
  `AWS/DynamoDB Consumed${metric}CapacityUnits ${index}TableName payments-dev123`;
const index = 'GlobalSecondaryIndexName status-index ';
const queue = (metric: string) => `AWS/SQS ${metric} QueueName payment-queue-dev123`;
const COMPLETED = 'Tollgate Payments Deployment dev123 Status completed';

/** An hour with 1,000 payments. */
const HOUR = {
  [COMPLETED]: 1_000,
  [table('Write')]: 2_000,
  [table('Write', index)]: 3_000,
  [table('Read')]: 1_500,
  [table('Read', index)]: 10,
  [queue('NumberOfMessagesSent')]: 1_000,
  [queue('NumberOfMessagesReceived')]: 1_001,
  [queue('NumberOfMessagesDeleted')]: 1_000,
  [queue('NumberOfEmptyReceives')]: 900,
  [lambda('Invocations', 'api')]: 1_300,
  [lambda('Invocations', 'worker')]: 900,
  [lambda('Invocations', 'audit')]: 12,
  [lambda('Duration', 'api')]: 26_000,
  [lambda('Duration', 'worker')]: 360_000,
  [lambda('Duration', 'audit')]: 1_200,
  'AWS/Logs IncomingBytes LogGroupName /aws/lambda/fn-api-dev123': 2 ** 20,
};

describe('What a payment costs, behind API Gateway', () => {
  const { lines, title, text } = widgets(propsOf('rest'));
  const REST = {
    ...HOUR,
    'AWS/ApiGateway Count ApiName payment-api-dev123 Stage prod': 1_300,
    'AWS/WAFV2 AllowedRequests Region us-east-1 Rule ALL WebACL payment-waf-dev123': 1_300,
    'AWS/Logs IncomingBytes LogGroupName payment-api-access-dev123': 2 ** 29,
  };
  const found = shown(lines, REST);

  it('is what the units cost by the price list', () => {
    const gbs =
      (26 * SHAPES.api.memoryMb + 360 * SHAPES.worker.memoryMb + 1.2 * SHAPES.audit.memoryMb) / 1_024;
    const parts = {
      '$ edge': usd('apigw.rest', 1_300),
      // Nothing was blocked: that metric has no data.
      '$ firewall': usd('waf.request', 1_300),
      '$ functions': usd('lambda.request', 2_212) + usd('lambda.gbs.arm', gbs),
      '$ database': usd('ddb.wru', 5_000) + usd('ddb.rru', 1_510),
      '$ queue': usd('sqs.std', 3_901),
      '$ audit log': usd('s3.put', 12),
      '$ logs and traces': usd('cw.logs.vended', 1 / 1_024) + usd('cw.logs.std', 0.5),
    };
    for (const [label, hour] of Object.entries(parts))
      expect(found.get(label), label).toBeCloseTo(hour * 1_000, 9);
    const all = Object.values(parts).reduce((sum, part) => sum + part, 0);
    expect(found.get('$ together')).toBeCloseTo(all * 1_000, 9);
    // By hand: 3.5 $ x 1.3, and 0.625 $ x 5 with 0.125 $ x 1.51.
    expect(found.get('$ edge')).toBeCloseTo(4.55, 9);
    expect(found.get('$ database')).toBeCloseTo(3.31375, 9);
  });

  it('has the units of one payment beside it', () => {
    expect(Object.fromEntries([...found].filter(([label]) => !label.startsWith('$')))).toEqual({
      'API requests': 1.3,
      'firewall requests': 1.3,
      'Lambda requests': 2.212,
      'GB-seconds: api': (0.026 * SHAPES.api.memoryMb) / 1_024,
      'GB-seconds: worker': expect.closeTo((0.36 * SHAPES.worker.memoryMb) / 1_024, 12),
      'GB-seconds: relay': 0,
      'GB-seconds: audit': expect.closeTo((0.0012 * SHAPES.audit.memoryMb) / 1_024, 12),
      'GB-seconds: sweep': 0,
      'GB-seconds: authorizer': 0,
      'write units: table': 2,
      'write units: index': 3,
      'read units': 1.51,
      'SQS requests, at most': 3.901,
      'S3 objects': 0.012,
      'bytes logged by functions': 2 ** 20 / 1_000,
      'bytes of access log': 2 ** 29 / 1_000,
    });
  });

  it('is nothing in an hour without payments', () => {
    const { [COMPLETED]: _, ...others } = REST;
    expect([...shown(lines, others).values()].every((value) => value === undefined)).toBe(true);
    expect(
      [...shown(lines, { ...REST, [COMPLETED]: 0 }).values()].every((value) => value === undefined),
    ).toBe(true);
  });

  it('says of which region and date its prices are, and what is not in it', () => {
    expect(title).toMatch(/without what is fixed.*US dollars, prices of us-east-1, 20\d\d-\d\d/);
    expect(text).toContain('npm run cost');
    expect(text).toContain('batches need fewer');
    expect(text).not.toContain('cf.function');
  });

  it('adds up by the hour, each metric once', () => {
    for (const { period, stat, expression } of lines) {
      expect(period).toBe(3_600);
      if (expression === undefined) expect(stat).toBe('Sum');
    }
    const metrics = lines.map(({ metric }) => metric).filter(Boolean);
    expect(new Set(metrics).size).toBe(metrics.length);
  });

  it('multiplies by prices of the list, and by no others', () => {
    const listed = costUnits(propsOf('rest')).map(({ price }) => prices.prices.get(price)?.tiers[0]?.usd);
    const written = lines.flatMap(({ label, expression }) =>
      label?.startsWith('$')
        ? [...(expression ?? '').matchAll(/([\d.]+) \* [a-z]/g)].map(([, usd]) => Number(usd))
        : [],
    );
    expect(written.toSorted()).toEqual(listed.toSorted());
  });

  it('is dearer by the unit in a table of infrequent access', () => {
    const rare = shown(widgets(propsOf('rest', { tableClass: 'STANDARD_INFREQUENT_ACCESS' })).lines, REST);
    expect(rare.get('$ database')).toBeCloseTo(
      (usd('ddb.ia.wru', 5_000) + usd('ddb.ia.rru', 1_510)) * 1_000,
      9,
    );
  });
});

describe('What a payment costs, behind CloudFront', () => {
  const { lines, text } = widgets(propsOf('cloudfront'));

  it('is paid by what CloudFront counts', () => {
    const found = shown(lines, {
      ...HOUR,
      'AWS/CloudFront Requests DistributionId E123 Region Global': 1_310,
      'AWS/CloudFront BytesDownloaded DistributionId E123 Region Global': 2 ** 21,
      'AWS/WAFV2 AllowedRequests Rule ALL WebACL payment-waf-dev123': 1_300,
      'AWS/WAFV2 BlockedRequests Rule ALL WebACL payment-waf-dev123': 10,
    });
    const hour = usd('cf.https', 1_310) + usd('cf.function', 1_300) + usd('cf.dto', 2 / 1_024);
    expect(found.get('$ edge')).toBeCloseTo(hour * 1_000, 9);
    expect(found.get('$ firewall')).toBeCloseTo(usd('waf.request', 1_310) * 1_000, 9);
    expect(found.get('CloudFront requests')).toBe(1.31);
  });

  it('has neither authorizer nor access log, and says which price is from memory', () => {
    expect(JSON.stringify(lines)).not.toMatch(/authorizer|payment-api-access|ApiGateway/);
    expect(text).toContain('cf.function is remembered.');
  });
});

describe.each(['rest', 'cloudfront'] as const)('The expressions, behind %s', (edge) => {
  const { lines } = widgets(propsOf(edge));

  it('refer to ids that there are, which begin with a small letter', () => {
    const ids = lines.flatMap(({ id }) => id ?? []);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[a-z]\w*$/);
    for (const { expression } of lines) {
      for (const [name] of expression?.matchAll(/\b[a-z]\w*/g) ?? []) expect(ids).toContain(name);
    }
  });

  it('are within the limits of CloudWatch', () => {
    expect(lines.length).toBeLessThanOrEqual(500);
    for (const { expression = '' } of lines) expect(expression.length).toBeLessThan(1_024);
  });
});

it('are units without dollars where there are no prices', () => {
  const { lines, title, text } = widgets(propsOf('rest'), 'eu-west-1');
  expect(title).toBe('What does a payment take?');
  expect(text).toContain('No dollars: there is no list of the prices of eu-west-1');
  expect(lines.some(({ label }) => label?.startsWith('$'))).toBe(false);
  expect(shown(lines, HOUR).get('write units: table')).toBe(2);
});
