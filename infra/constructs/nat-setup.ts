export interface NatSetup {
  /** Of the private subnets: whose traffic is forwarded. */
  readonly cidrBlocks: readonly string[];
  readonly stack: string;
  /** Logical id of the group, which waits for the signal. */
  readonly resource: string;
  readonly region: string;
}

/** The first boot of the NAT instance, as lines of a Bash script. */
export function natSetup({ cidrBlocks, stack, resource, region }: NatSetup): string[] {
  const from = cidrBlocks.join(', ');
  return [
    'set -euo pipefail',
    // CloudFormation hears of a failure at once, instead of waiting for its limit.
    'trap \'code=$?; /opt/aws/bin/cfn-signal --exit-code "$code" ' +
      `--stack ${stack} --resource ${resource} --region ${region}' EXIT`,
    // 512 MiB are too few for the package manager beside the agent: without swap one of them is killed.
    'dd if=/dev/zero of=/swapfile bs=1M count=1024 status=none',
    'chmod 600 /swapfile',
    'mkswap /swapfile',
    'swapon /swapfile',
    "echo '/swapfile none swap sw 0 0' >> /etc/fstab",
    // The image brings no packet filter.
    'dnf install --assumeyes --setopt=install_weak_deps=False nftables',
    "echo 'net.ipv4.ip_forward = 1' > /etc/sysctl.d/90-nat.conf",
    'sysctl --system',
    "cat > /etc/sysconfig/nftables.conf <<'RULES'",
    'flush ruleset',
    'table inet filter {',
    '  chain forward {',
    '    type filter hook forward priority filter; policy drop;',
    '    ct state established,related accept',
    `    ip saddr { ${from} } tcp dport 443 accept`,
    '  }',
    '}',
    'table ip nat {',
    '  chain postrouting {',
    '    type nat hook postrouting priority srcnat; policy accept;',
    `    ip saddr { ${from} } masquerade`,
    '  }',
    '}',
    'RULES',
    'systemctl enable --now nftables',
    'nft list table ip nat',
  ];
}
