import { parseAwsConfig } from '../aws-config.ts';
import { workerHandler } from '../wiring-aws/worker.ts';

export const handler = await workerHandler(parseAwsConfig(process.env));
