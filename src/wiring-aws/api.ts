import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import type { AwsConfig } from '../aws-config.ts';
import { answerProxyEvent } from '../lambda/rest-proxy.ts';
import { createToldBacklog } from '../lambda/told-backlog.ts';
import { apiApp } from './api-app.ts';

/** The function behind API Gateway, which has authenticated whoever asks. */
export async function apiHandler(config: AwsConfig) {
  const { app, backlog } = await apiApp(config, {
    backlogOf: (queue) => createToldBacklog(queue, config.MAX_BACKLOG),
  });
  return async (event: APIGatewayProxyEvent): Promise<APIGatewayProxyResult> => {
    backlog.tell(event.requestContext.authorizer?.overloaded === 'true');
    return answerProxyEvent(app, event);
  };
}
