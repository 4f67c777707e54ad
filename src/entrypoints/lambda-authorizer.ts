import { parseAwsConfig } from '../aws-config.ts';
import { authorizerHandler } from '../wiring-aws/authorizer.ts';

export const handler = authorizerHandler(parseAwsConfig(process.env));
