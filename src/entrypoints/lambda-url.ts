import { parseAwsConfig } from '../aws-config.ts';
import { apiUrlHandler } from '../wiring-aws/api-url.ts';

export const handler = await apiUrlHandler(parseAwsConfig(process.env));
