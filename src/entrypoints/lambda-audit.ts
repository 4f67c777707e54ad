import { parseAwsConfig } from '../aws-config.ts';
import { auditHandler } from '../wiring-aws/audit.ts';

export const handler = auditHandler(parseAwsConfig(process.env));
