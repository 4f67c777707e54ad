import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import {
  agentConfiguration,
  DRAIN_SECONDS,
  type FleetUserDataProps,
  fleetUserData,
} from './fleet-user-data.ts';

const PROPS: FleetUserDataProps = {
  groupName: 'payment-asg-dev123',
  logGroupName: '/aws/ec2/payment-fleet-dev123',
  region: 'us-east-1',
  stackName: 'payment-dev123',
  groupLogicalId: 'Group',
  bundleUrl: 's3://assets/abc.zip',
  environment: { STORE: 'dynamodb', QUEUE_URL: 'https://sqs.us-east-1.amazonaws.com/1/q' },
};

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/**
 * Runs the script in a folder that stands for the root of the file system, with every command of the system replaced
 * by one that only notes how it was called.
 * @param failing the command that fails
 */
function boot(failing?: string) {
  const root = mkdtempSync(join(tmpdir(), 'tollgate-boot-'));
  folders.push(root);
  const bin = join(root, 'bin');
  const calls = join(root, 'calls');
  for (const folder of ['bin', 'etc/systemd/system', 'etc/logrotate.d', 'opt/tollgate', 'etc/tollgate'])
    mkdirSync(join(root, folder), { recursive: true });
  const agent = join(root, 'opt/aws/amazon-cloudwatch-agent');
  for (const folder of [join(agent, 'bin'), join(agent, 'etc'), join(root, 'opt/aws/bin')])
    mkdirSync(folder, { recursive: true });
  const stub = (path: string, name: string) => {
    const exit = name === failing ? 1 : 0;
    writeFileSync(path, `#!/bin/sh\necho "${name} $*" >> ${calls}\nexit ${exit}\n`);
    chmodSync(path, 0o755);
  };
  for (const name of ['dnf', 'useradd', 'aws', 'unzip', 'systemctl', 'curl', 'chgrp', 'install', 'sleep'])
    stub(join(bin, name), name);
  stub(join(root, 'opt/aws/bin/cfn-signal'), 'cfn-signal');
  stub(join(agent, 'bin/amazon-cloudwatch-agent-ctl'), 'agent');
  const script = fleetUserData(PROPS)
    .render()
    .replaceAll(/(?<=[\s:])\/(?=opt\/|etc\/)/g, `${root}/`);
  writeFileSync(join(root, 'boot.sh'), script);
  let status = 0;
  try {
    execFileSync('bash', [join(root, 'boot.sh')], { env: { PATH: `${bin}:/usr/bin:/bin` }, stdio: 'pipe' });
  } catch (error) {
    status = (error as { status: number }).status;
  }
  return {
    status,
    calls: readFileSync(calls, 'utf8').trim().split('\n'),
    file: (path: string) => readFileSync(join(root, path), 'utf8'),
    has: (path: string) => existsSync(join(root, path)),
  };
}

const SIGNAL = '--stack payment-dev123 --resource Group --region us-east-1';

describe('an instance that starts', () => {
  it('installs, starts the worker, asks it whether it lives, and only then signals success', () => {
    const { status, calls } = boot();
    expect(status).toBe(0);
    const names = calls
      .map((call) => call.split(' ')[0])
      .filter((name) => name !== 'install' && name !== 'chgrp');
    expect(names).toEqual([
      'dnf',
      'useradd',
      'agent',
      'aws',
      'unzip',
      'systemctl',
      'systemctl',
      'curl',
      'cfn-signal',
    ]);
    expect(calls).toContain('dnf install -y nodejs24 amazon-cloudwatch-agent logrotate unzip');
    expect(calls).toContain('curl -fsS --max-time 2 http://127.0.0.1:8081/health');
    expect(calls.at(-1)).toBe(`cfn-signal --exit-code 0 ${SIGNAL}`);
  });

  it('gives the worker its configuration', () => {
    expect(boot().file('etc/tollgate/worker.env')).toBe(
      'NODE_ENV=production\nAWS_REGION=us-east-1\nSTORE=dynamodb\n' +
        'QUEUE_URL=https://sqs.us-east-1.amazonaws.com/1/q\n',
    );
  });

  it.each(['dnf', 'aws', 'agent', 'unzip'])(
    'signals failure and turns itself off when %s fails',
    (command) => {
      const { status, calls } = boot(command);
      expect(status).toBe(1);
      expect(calls.at(-2)).toBe(`cfn-signal --exit-code 1 ${SIGNAL}`);
      expect(calls.at(-1)).toBe('systemctl poweroff');
    },
  );

  it('gives up on a worker that never becomes healthy, after a bounded wait', () => {
    const { status, calls } = boot('curl');
    expect(status).toBe(1);
    expect(calls.filter((call) => call.startsWith('curl'))).toHaveLength(60);
    expect(calls.at(-2)).toBe(`cfn-signal --exit-code 1 ${SIGNAL}`);
    expect(calls.at(-1)).toBe('systemctl poweroff');
  });

  it('stays up when no deployment waits for its signal, as when scaling has started it', () => {
    const { status, calls } = boot('cfn-signal');
    expect(status).toBe(0);
    expect(calls).not.toContain('systemctl poweroff');
  });
});

describe('the service', () => {
  const unit = boot().file('etc/systemd/system/tollgate-worker.service');

  it('is a user without privileges', () => {
    for (const line of [
      'User=tollgate',
      'NoNewPrivileges=yes',
      'ProtectSystem=strict',
      'CapabilityBoundingSet=',
      'EnvironmentFile=/etc/tollgate/worker.env',
    ])
      expect(unit.split('\n')).toContain(line);
  });

  it('is started again after a crash, but not when it has drained because its instance is taken away', () => {
    expect(unit).toContain('Restart=on-failure\n');
    expect(unit).toContain('StartLimitIntervalSec=0\n');
  });

  it('is told to stop by SIGTERM and has longer for it than the worker takes to drain', () => {
    expect(unit).toContain('KillSignal=SIGTERM');
    expect(Number(/TimeoutStopSec=(\d+)/.exec(unit)?.[1])).toBeGreaterThan(DRAIN_SECONDS);
  });
});

describe('the agent', () => {
  it('publishes memory as one metric of the group: the alarm has no other dimension', () => {
    expect(agentConfiguration(PROPS)).toMatchObject({
      agent: { omit_hostname: true },
      metrics: {
        namespace: 'CWAgent',
        aggregation_dimensions: [['AutoScalingGroupName']],
        metrics_collected: {
          mem: {
            measurement: ['mem_used_percent'],
            append_dimensions: { AutoScalingGroupName: 'payment-asg-dev123' },
          },
        },
      },
    });
  });

  it('sends the worker’s log and the boot’s to the log group, whose retention is set elsewhere', () => {
    expect(JSON.stringify(agentConfiguration(PROPS))).toMatch(
      /"file_path":"\/var\/log\/tollgate\/worker\.log","log_group_name":"\/aws\/ec2\/payment-fleet-dev123"/,
    );
    expect(JSON.stringify(agentConfiguration(PROPS))).not.toContain('retention_in_days');
  });

  it('is written as JSON that it can read', () => {
    expect(JSON.parse(boot().file('opt/aws/amazon-cloudwatch-agent/etc/fleet.json'))).toEqual(
      agentConfiguration(PROPS),
    );
  });
});

it('refuses a value that would be read as something else', () => {
  const environment = { PUBLIC_URL: 'https://pay.example.com\nSTORE=sqlite' };
  expect(() => fleetUserData({ ...PROPS, environment })).toThrow(
    /PUBLIC_URL of the fleet is .* without quotes/,
  );
});
