import { parseAwsConfig } from '../aws-config.ts';
import { sweepHandler } from '../wiring-aws/sweep.ts';

export const handler = await sweepHandler(parseAwsConfig(process.env));
