import { parseAwsConfig } from '../aws-config.ts';
import { apiHandler } from '../wiring-aws/api.ts';

export const handler = await apiHandler(parseAwsConfig(process.env));
