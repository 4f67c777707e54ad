import { MathExpression } from 'aws-cdk-lib/aws-cloudwatch';
import { type AlarmDefinition, FEW } from './alarm-definition.ts';
import { distributionMetric, FIVE_MINUTES } from './metrics.ts';

/** What never reached the function, so that its own metrics know nothing of it. */
export function edgeAlarms(distributionId: string): AlarmDefinition[] {
  return [
    {
      name: 'edge-5xx-errors',
      says: 'More than 5 % of the requests fail at CloudFront or behind it: merchants cannot pay.',
      metric: new MathExpression({
        expression: `IF(rate * requests / 100 >= ${FEW}, rate, 0)`,
        usingMetrics: {
          rate: distributionMetric(distributionId, '5xxErrorRate', 'Average'),
          requests: distributionMetric(distributionId, 'Requests', 'Sum'),
        },
        label: '5xx at the edge (%)',
        period: FIVE_MINUTES,
      }),
      threshold: 5,
    },
  ];
}
