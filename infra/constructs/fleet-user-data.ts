import { UserData } from 'aws-cdk-lib/aws-ec2';

/** How long a worker that was told to stop may finish what it has; systemd kills it only after that. */
export const DRAIN_SECONDS = 90;

/** Where the worker tells that it lives: on the instance itself only, so nothing listens to the network. */
const HEALTH_URL = 'http://127.0.0.1:8081/health';
const HEALTH_ATTEMPTS = 60;

const AGENT = '/opt/aws/amazon-cloudwatch-agent';

export interface FleetUserDataProps {
  readonly groupName: string;
  readonly logGroupName: string;
  readonly region: string;
  /** Whom to tell that this instance works: the stack, and the logical id of its group. */
  readonly stackName: string;
  readonly groupLogicalId: string;
  /** The zipped bundle, as `s3://…`. */
  readonly bundleUrl: string;
  /** The worker's configuration. */
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * The CloudWatch agent's configuration. The group's name stands there literally: `${aws:AutoScalingGroupName}` is found
 * out by ec2:DescribeTags, which has no resource level. Without the host's name and with the aggregation, the group is
 * one metric, which is what the memory alarm asks for.
 */
export function agentConfiguration({ groupName, logGroupName }: FleetUserDataProps): object {
  const files = {
    '/var/log/tollgate/worker.log': 'worker',
    // What user data printed: the only trace of an instance that never came up.
    '/var/log/cloud-init-output.log': 'boot',
  };
  return {
    agent: { metrics_collection_interval: 60, omit_hostname: true },
    metrics: {
      namespace: 'CWAgent',
      aggregation_dimensions: [['AutoScalingGroupName']],
      metrics_collected: {
        mem: { measurement: ['mem_used_percent'], append_dimensions: { AutoScalingGroupName: groupName } },
      },
    },
    logs: {
      logs_collected: {
        files: {
          collect_list: Object.entries(files).map(([file_path, name]) => ({
            file_path,
            log_group_name: logGroupName,
            log_stream_name: `{instance_id}/${name}`,
          })),
        },
      },
    },
  };
}

/**
 * The worker as a service: no privileges, a read-only system, and time to finish when it is told to stop. It is started
 * again unless it ended by itself with 0, which it does when AWS takes the instance away: then it must stay down.
 */
function unit(): string {
  return `[Unit]
Description=Tollgate worker
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=0

[Service]
User=tollgate
Group=tollgate
WorkingDirectory=/opt/tollgate
EnvironmentFile=/etc/tollgate/worker.env
ExecStart=/usr/bin/node-24 /opt/tollgate/tollgate-worker.mjs
Restart=on-failure
RestartSec=2
KillSignal=SIGTERM
TimeoutStopSec=${DRAIN_SECONDS + 10}
LimitNOFILE=65536
NoNewPrivileges=yes
CapabilityBoundingSet=
ProtectSystem=strict
ProtectHome=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectControlGroups=yes
PrivateTmp=yes
PrivateDevices=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK
StandardOutput=append:/var/log/tollgate/worker.log
StandardError=append:/var/log/tollgate/worker.log

[Install]
WantedBy=multi-user.target`;
}

/** Logs are on CloudWatch; here they only must not fill the disk. */
const ROTATION = `/var/log/tollgate/*.log {
  daily
  maxsize 100M
  rotate 2
  copytruncate
  missingok
}`;

function environmentFile(environment: Readonly<Record<string, string>>): string {
  return Object.entries(environment)
    .map(([name, value]) => {
      if (/[\n\\"']/.test(value)) {
        throw new Error(
          `${name} of the fleet is ${JSON.stringify(value)}: give it without quotes or newlines`,
        );
      }
      return `${name}=${value}`;
    })
    .join('\n');
}

/** The quoted delimiter keeps the shell from reading anything into the text. */
function file(path: string, mode: string, text: string): string {
  return `install -m ${mode} /dev/null ${path}\ncat > ${path} <<'END_OF_FILE'\n${text}\nEND_OF_FILE`;
}

/**
 * What an instance does when it starts. It ends with the worker healthy and the deployment told so; or, if anything
 * fails, with the deployment told that and the instance off, so that the group replaces it: an instance that does
 * nothing must not count as capacity.
 */
export function fleetUserData(props: FleetUserDataProps): UserData {
  const { region, stackName, groupLogicalId, bundleUrl, environment } = props;
  const userData = UserData.forLinux();
  userData.addCommands(
    'set -euo pipefail',
    // Scaling starts instances for which no deployment waits; then there is nobody to signal, which is no failure.
    `tell() { /opt/aws/bin/cfn-signal --exit-code "$1" --stack ${stackName} --resource ${groupLogicalId} ` +
      `--region ${region} || echo 'no deployment waits for this instance'; }`,
    'finish() { status=$?; tell "$status"; if [ "$status" -ne 0 ]; then systemctl poweroff; fi; }',
    'trap finish EXIT',
    'dnf install -y nodejs24 amazon-cloudwatch-agent logrotate unzip',
    'useradd --system --no-create-home --shell /sbin/nologin tollgate',
    'install -d -m 0750 -o tollgate -g tollgate /var/log/tollgate',
    'install -d -m 0755 /opt/tollgate',
    'install -d -m 0750 -g tollgate /etc/tollgate',
    file(`${AGENT}/etc/fleet.json`, '0644', JSON.stringify(agentConfiguration(props), null, 2)),
    `${AGENT}/bin/amazon-cloudwatch-agent-ctl -a fetch-config -m ec2 -s -c file:${AGENT}/etc/fleet.json`,
    `aws s3 cp --region ${region} --only-show-errors ${bundleUrl} /opt/tollgate/bundle.zip`,
    'unzip -q -o /opt/tollgate/bundle.zip -d /opt/tollgate',
    file(
      '/etc/tollgate/worker.env',
      '0640',
      environmentFile({ NODE_ENV: 'production', AWS_REGION: region, ...environment }),
    ),
    'chgrp tollgate /etc/tollgate/worker.env',
    file('/etc/logrotate.d/tollgate', '0644', ROTATION),
    file('/etc/systemd/system/tollgate-worker.service', '0644', unit()),
    'systemctl daemon-reload',
    'systemctl enable --now tollgate-worker.service logrotate.timer',
    'attempt=0',
    `until curl -fsS --max-time 2 ${HEALTH_URL}; do`,
    `  attempt=$((attempt + 1)); [ "$attempt" -lt ${HEALTH_ATTEMPTS} ] || exit 1; sleep 2`,
    'done',
  );
  return userData;
}
