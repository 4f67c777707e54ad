import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { Template } from 'aws-cdk-lib/assertions';
import { MockIntegration, RestApi } from 'aws-cdk-lib/aws-apigateway';
import { describe, expect, it } from 'vitest';
import { PROBLEMS, problem, renderProblem } from '../../src/http/problems.ts';
import { testStack } from '../stack.fixture.ts';
import { addGatewayResponses, GATEWAY_PROBLEMS } from './gateway-responses.ts';

interface GatewayAnswer {
  ResponseType: string;
  StatusCode: string;
  ResponseParameters: Record<string, string>;
  ResponseTemplates: Record<string, string>;
}

function synthesised(): GatewayAnswer[] {
  const stack = testStack();
  const api = new RestApi(stack, 'Api');
  api.root.addMethod('ANY', new MockIntegration());
  addGatewayResponses(stack, api);
  const found = Template.fromStack(stack).findResources('AWS::ApiGateway::GatewayResponse');
  return Object.values(found).map(({ Properties }) => Properties);
}

const answers = synthesised();

/** What a client would read, with the substitution that the gateway makes. */
function read({ ResponseTemplates }: GatewayAnswer) {
  const text = ResponseTemplates['application/json']?.replace('$context.requestId', 'request-1') ?? '';
  return JSON.parse(text);
}

function answerOf(type: string) {
  const answer = answers.find(({ ResponseType }) => ResponseType === type) as GatewayAnswer;
  const headers = Object.fromEntries(
    Object.entries(answer.ResponseParameters).map(([name, value]) => [
      name.replace('gatewayresponse.header.', ''),
      value,
    ]),
  );
  return { status: Number(answer.StatusCode), headers, body: read(answer) };
}

describe('an answer of the gateway', () => {
  const contract = JSON.parse(readFileSync(join(import.meta.dirname, '..', '..', 'openapi.json'), 'utf8'));
  const isProblem = new Ajv2020().compile(contract.components.schemas.Problem);

  it.each(answers.map((answer) => [answer.ResponseType, answer] as const))(
    'is a problem of the contract, in type, status and title as the application gives it: %s',
    (_, answer) => {
      const body = read(answer);
      expect(isProblem(body), JSON.stringify(isProblem.errors)).toBe(true);
      expect(body).toEqual(JSON.parse(renderProblem(problem(body.code, body.detail), 'request-1')));
      expect(answer.StatusCode).toBe(String(body.status));
    },
  );

  it.each(answers.map((answer) => [answer.ResponseType, answer] as const))(
    'says what it is, names the request, and is kept by nobody: %s',
    (_, { ResponseParameters, ResponseTemplates }) => {
      expect(Object.keys(ResponseTemplates)).toEqual(['application/json']);
      expect(ResponseParameters).toMatchObject({
        'gatewayresponse.header.Content-Type': "'application/problem+json'",
        'gatewayresponse.header.Request-Id': 'context.requestId',
        'gatewayresponse.header.Cache-Control': "'no-store'",
        'gatewayresponse.header.X-Content-Type-Options': "'nosniff'",
      });
    },
  );

  it('repeats nothing of the request, in which there may be a card number', () => {
    for (const { ResponseTemplates, ResponseParameters } of answers) {
      const text = JSON.stringify([ResponseTemplates, ResponseParameters]);
      expect(text.match(/(?:\$context|context|method)\.[\w.]+/g)).toEqual([
        '$context.requestId',
        'context.requestId',
      ]);
    }
  });

  it('has a status and a title that the application has', () => {
    for (const [code, known] of Object.entries(GATEWAY_PROBLEMS)) {
      expect(known, code).toEqual(PROBLEMS[code as keyof typeof PROBLEMS]);
    }
  });
});

describe('the gateway', () => {
  it.each([
    ['UNAUTHORIZED', 401, 'missing_key'],
    ['ACCESS_DENIED', 401, 'invalid_key'],
    ['MISSING_AUTHENTICATION_TOKEN', 404, 'not_found'],
    ['RESOURCE_NOT_FOUND', 404, 'not_found'],
    ['INVALID_SIGNATURE', 404, 'not_found'],
    ['REQUEST_TOO_LARGE', 413, 'body_too_large'],
    ['UNSUPPORTED_MEDIA_TYPE', 415, 'unsupported_media_type'],
    ['THROTTLED', 429, 'rate_limited'],
    ['QUOTA_EXCEEDED', 429, 'rate_limited'],
    ['AUTHORIZER_FAILURE', 503, 'unavailable'],
    ['AUTHORIZER_CONFIGURATION_ERROR', 503, 'unavailable'],
    ['INTEGRATION_FAILURE', 503, 'unavailable'],
    ['INTEGRATION_TIMEOUT', 503, 'unavailable'],
    ['WAF_FILTERED', 400, 'invalid_request'],
    ['DEFAULT_4XX', 400, 'invalid_request'],
    ['DEFAULT_5XX', 503, 'unavailable'],
  ])('answers %s with %i %s', (type, status, code) => {
    expect(answerOf(type)).toMatchObject({ status, body: { code } });
  });

  it('says when to come back wherever coming back may help', () => {
    for (const { ResponseType } of answers) {
      const { status, headers } = answerOf(ResponseType);
      expect(headers['Retry-After'], ResponseType).toBe(status === 429 || status === 503 ? "'1'" : undefined);
    }
  });

  it('asks for a key as the application does', () => {
    for (const { ResponseType } of answers) {
      const { status, headers } = answerOf(ResponseType);
      expect(headers['WWW-Authenticate'], ResponseType).toBe(
        status === 401 ? `'Bearer realm="tollgate"'` : undefined,
      );
    }
  });
});
