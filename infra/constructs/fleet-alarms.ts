import { ComparisonOperator } from 'aws-cdk-lib/aws-cloudwatch';
import type { AlarmDefinition } from './alarm-definition.ts';
import { groupMetric } from './metrics.ts';

export function fleetAlarms(groupName: string, leastInstances: number): AlarmDefinition[] {
  return [
    {
      name: 'ec2-cpu-high',
      says: 'The fleet’s CPU is above 80 % although it adds instances at 70 %: it is at its most, or none comes up.',
      metric: groupMetric(groupName, 'AWS/EC2', 'CPUUtilization', 'Average'),
      threshold: 80,
      periods: 2,
    },
    {
      name: 'fleet-memory-high',
      says: 'The fleet’s memory is above 85 % although it adds instances at 60 %: a leak, or it is at its most.',
      metric: groupMetric(groupName, 'CWAgent', 'mem_used_percent', 'Average'),
      threshold: 85,
      periods: 3,
    },
    ...(leastInstances === 0
      ? []
      : [
          {
            name: 'fleet-below-minimum',
            says: 'Instances start and do not come up: the fleet is smaller than its least size.',
            metric: groupMetric(groupName, 'AWS/AutoScaling', 'GroupInServiceInstances', 'Minimum'),
            threshold: leastInstances,
            comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
            periods: 3,
          },
        ]),
  ];
}
