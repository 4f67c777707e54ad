import { Duration } from 'aws-cdk-lib';
import {
  type AutoScalingGroup,
  PredefinedMetric,
  type ScalingInterval,
  StepScalingPolicy,
  TargetTrackingScalingPolicy,
} from 'aws-cdk-lib/aws-autoscaling';
import { type Alarm, type CfnAlarm, type IMetric, MathExpression } from 'aws-cdk-lib/aws-cloudwatch';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { groupMetric, ONE_MINUTE, queueMetric } from './metrics.ts';
import { runbookLink } from './runbook-link.ts';

const CPU_TARGET_PERCENT = 70;

/** The agent's figure for the group; one more instance above the first, two more above the second. */
const MEMORY_STEPS_PERCENT = [60, 75] as const;

/** Messages waiting for each instance: ten receives of ten. A first figure, until a load test shows a better one. */
const BACKLOG_STEPS = [100, 1_000] as const;

/** Less than one message waiting, on average. */
const IDLE = 0.5;
const IDLE_MINUTES = 15;

/** Until an instance has installed its packages and takes work; before that it must not count as help that failed. */
export const WARMUP = Duration.minutes(4);

export interface FleetScalingProps {
  readonly group: AutoScalingGroup;
  readonly queue: IQueue;
  /** Nobody but the fleet takes work: from no instances, a single message calls for the first one. */
  readonly soleWorker: boolean;
  /** @default - the pages of this repository on GitHub */
  readonly runbookUrl?: string;
}

/**
 * When the fleet grows and shrinks. CPU, memory and backlog each add instances; only an empty queue removes them. A CPU
 * that waits for the PSP is idle, and would send away what the backlog has just called for.
 */
export class FleetScaling extends Construct {
  constructor(scope: Construct, id: string, props: FleetScalingProps) {
    super(scope, id);
    const { group, queue, soleWorker, runbookUrl } = props;
    const groupName = group.autoScalingGroupName;

    new TargetTrackingScalingPolicy(this, 'Cpu', {
      autoScalingGroup: group,
      predefinedMetric: PredefinedMetric.ASG_AVERAGE_CPU_UTILIZATION,
      targetValue: CPU_TARGET_PERCENT,
      disableScaleIn: true,
    });

    const visible = queueMetric(queue, 'ApproximateNumberOfMessagesVisible', 'Maximum', ONE_MINUTE);
    const sent = queueMetric(queue, 'NumberOfMessagesSent', 'Sum', ONE_MINUTE);
    const instances = groupMetric(
      groupName,
      'AWS/AutoScaling',
      'GroupInServiceInstances',
      'Average',
      ONE_MINUTE,
    );
    const [step] = BACKLOG_STEPS;
    const fromZero = soleWorker ? `IF(visible > 0 AND visible < ${step}, ${step}, visible)` : 'visible';

    this.steps('Memory', {
      group,
      metric: groupMetric(groupName, 'CWAgent', 'mem_used_percent', 'Average', ONE_MINUTE),
      steps: growth(MEMORY_STEPS_PERCENT),
      minutes: 3,
      says: 'Adds instances to the fleet when its memory is filling up.',
      runbookUrl,
    });
    this.steps('Backlog', {
      group,
      metric: new MathExpression({
        expression: `IF(instances > 0, visible / instances, ${fromZero})`,
        usingMetrics: { visible, instances },
        label: 'Messages waiting for each instance',
        period: ONE_MINUTE,
      }),
      steps: growth(BACKLOG_STEPS),
      minutes: 3,
      says: 'Adds instances to the fleet when more waits than it can take.',
      runbookUrl,
    });
    this.steps('Idle', {
      group,
      // The last instance leaves only when nothing was sent either: it keeps the queue empty by working.
      metric: new MathExpression({
        expression: 'IF(instances > 1, visible / instances, visible + FILL(sent, 0))',
        usingMetrics: { visible, sent, instances },
        label: 'Messages waiting for each instance, or sent to the last one',
        period: ONE_MINUTE,
      }),
      steps: [
        { upper: IDLE, change: -1 },
        { lower: IDLE, change: 0 },
      ],
      minutes: IDLE_MINUTES,
      says: 'Takes an instance from the fleet when nothing waits. Normal: in alarm whenever it is quiet.',
      runbookUrl,
    });
  }

  private steps(
    id: string,
    {
      group,
      metric,
      steps,
      minutes,
      says,
      runbookUrl,
    }: {
      group: AutoScalingGroup;
      metric: IMetric;
      steps: ScalingInterval[];
      minutes: number;
      says: string;
      runbookUrl: string | undefined;
    },
  ): void {
    const policy = new StepScalingPolicy(this, id, {
      autoScalingGroup: group,
      metric,
      scalingSteps: steps,
      evaluationPeriods: minutes,
      estimatedInstanceWarmup: WARMUP,
    });
    for (const alarm of [policy.lowerAlarm, policy.upperAlarm]) {
      if (alarm) describe(alarm, `${says} Runbook: ${runbookLink('fleet-scaling', runbookUrl)}`);
    }
  }
}

function growth([first, second]: readonly [number, number]): ScalingInterval[] {
  return [
    { lower: 0, upper: first, change: 0 },
    { lower: first, upper: second, change: 1 },
    { lower: second, change: 2 },
  ];
}

/** The construct takes no description, and an alarm that says nothing wakes somebody who then has to find out. */
function describe(alarm: Alarm, text: string): void {
  (alarm.node.defaultChild as CfnAlarm).alarmDescription = text;
}
