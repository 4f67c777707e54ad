import type { APIGatewayProxyStructuredResultV2, LambdaFunctionURLEvent } from 'aws-lambda';
import type { AwsConfig } from '../aws-config.ts';
import { createMeasuredBacklog } from '../lambda/measured-backlog.ts';
import { addressOf, answerUrlEvent } from '../lambda/url-proxy.ts';
import { apiApp } from './api-app.ts';

/** As long as API Gateway remembers what its authorizer said: a revoked key is good for a minute at most. */
const REMEMBER_KEYS_MS = 60_000;
/** And what it said of the backlog is as old. */
const BACKLOG_MS = 60_000;

/** The function behind CloudFront, which looks keys up by itself. */
export async function apiUrlHandler(config: AwsConfig) {
  // CloudFront's own address is known only after this function: then it is what the request in hand was sent to.
  let address = config.PUBLIC_URL;
  const { app } = await apiApp(config, {
    rememberKeysMs: REMEMBER_KEYS_MS,
    baseUrl: () => address,
    backlogOf: (queue, { clock, logger }) =>
      createMeasuredBacklog({ queue, clock, logger, limit: config.MAX_BACKLOG, everyMs: BACKLOG_MS }),
  });
  return async (event: LambdaFunctionURLEvent): Promise<APIGatewayProxyStructuredResultV2> => {
    if (config.PUBLIC_URL === '') address = addressOf(event) ?? '';
    return answerUrlEvent(app, event);
  };
}
