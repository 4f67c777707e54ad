import { parseAwsConfig } from '../aws-config.ts';
import { relayHandler } from '../wiring-aws/relay.ts';

export const handler = relayHandler(parseAwsConfig(process.env));
