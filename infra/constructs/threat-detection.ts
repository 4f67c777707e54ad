import { CfnDetector } from 'aws-cdk-lib/aws-guardduty';
import { CfnProtection } from 'aws-cdk-lib/aws-shield';
import { Construct } from 'constructs';
import type { Names } from '../names.ts';

/** GuardDuty's plans that are paid for by what they read, and whether they read anything here. */
const PLANS = {
  // The audit log: somebody who reads or deletes it in bulk.
  S3_DATA_EVENTS: true,
  // A function that talks to an address it never talked to.
  LAMBDA_NETWORK_LOGS: true,
  // Nothing of these is here.
  EKS_AUDIT_LOGS: false,
  RDS_LOGIN_EVENTS: false,
  // Snapshots of whole disks, for instances that hold nothing and are replaced by each deployment.
  EBS_MALWARE_PROTECTION: false,
};

export interface ThreatDetectionProps {
  readonly names: Names;
  /** There is one detector per account and region. With `existing` its findings are routed all the same. */
  readonly guardDuty: 'off' | 'create' | 'existing';
  /** Shield Advanced needs the account's subscription. */
  readonly shieldAdvanced: 'off' | 'on';
  /**
   * What Shield Advanced protects, by a name for each ARN: distributions, load balancers, Elastic IPs. It covers no
   * REST API, so with the edge `rest` there is nothing to name here, and the settings refuse `on`.
   * @default - nothing
   */
  readonly protect?: Readonly<Record<string, string>>;
}

/** Who looks for attackers that are inside. What they find goes to the security topic by the event rules. */
export class ThreatDetection extends Construct {
  constructor(scope: Construct, id: string, props: ThreatDetectionProps) {
    super(scope, id);
    const { names, guardDuty, shieldAdvanced, protect = {} } = props;
    if (guardDuty === 'create') {
      new CfnDetector(this, 'Detector', {
        enable: true,
        findingPublishingFrequency: 'FIFTEEN_MINUTES',
        features: Object.entries(PLANS).map(([name, on]) => ({ name, status: on ? 'ENABLED' : 'DISABLED' })),
      });
    }
    if (shieldAdvanced === 'on') {
      for (const [name, resourceArn] of Object.entries(protect)) {
        new CfnProtection(this, `Protection-${name}`, { name: names.of(name), resourceArn });
      }
    }
  }
}
