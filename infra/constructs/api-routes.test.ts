import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { LambdaIntegration, RestApi, TokenAuthorizer } from 'aws-cdk-lib/aws-apigateway';
import { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { describe, expect, it } from 'vitest';
import { deployed, testStack } from '../stack.fixture.ts';
import { addRoutes, contractPaths } from './api-routes.ts';

interface Method {
  path: string;
  method: string;
  authorization: string;
}

function synthesised(): Method[] {
  const stack = testStack();
  const handler = LambdaFunction.fromFunctionName(stack, 'Handler', 'handler');
  const api = new RestApi(stack, 'Api');
  addRoutes(
    api,
    new LambdaIntegration(handler, { scopePermissionToMethod: false }),
    new TokenAuthorizer(stack, 'Authorizer', { handler }),
  );
  const template = Template.fromStack(stack);
  const resources = template.findResources('AWS::ApiGateway::Resource');
  const pathOf = (reference: unknown): string => {
    const id = deployed(reference).slice(1, -1);
    const resource = resources[id];
    return resource ? `${pathOf(resource.Properties.ParentId)}/${resource.Properties.PathPart}` : '';
  };
  return Object.values(template.findResources('AWS::ApiGateway::Method')).map(({ Properties }) => ({
    path: pathOf(Properties.ResourceId),
    method: Properties.HttpMethod,
    authorization: Properties.AuthorizationType,
  }));
}

const methods = synthesised();

/** The method that API Gateway chooses: of the same path, else the one for all that has none. */
function chosen(path: string): Method | undefined {
  return methods.find((method) => method.path === path) ?? methods.find(({ path }) => path === '/{proxy+}');
}

describe('the routes', () => {
  const contract = JSON.parse(readFileSync(join(import.meta.dirname, '..', '..', 'openapi.json'), 'utf8'));
  const paths = Object.entries(contract.paths as Record<string, Record<string, { security?: object[] }>>);

  it.each(paths)('ask for a key where the contract does, and nowhere else: %s', (path, operations) => {
    const needsKey = Object.values(operations).some(({ security }) => (security ?? []).length > 0);
    expect(chosen(path)).toMatchObject({ method: 'ANY', authorization: needsKey ? 'CUSTOM' : 'NONE' });
  });

  it('take every method, and leave it to the application which there are', () => {
    expect(new Set(methods.map(({ method }) => method))).toEqual(new Set(['ANY']));
  });

  it('lead to the application from everywhere, so that what is nowhere is answered in its form', () => {
    expect(chosen('/no/such/path')).toEqual({ path: '/{proxy+}', method: 'ANY', authorization: 'NONE' });
    expect(chosen('/simulator/challenges/token')?.authorization).toBe('NONE');
  });

  it('are as few as will do: one for each path with a key, and one for all without', () => {
    const withKey = contractPaths().filter(({ needsKey }) => needsKey);
    expect(methods).toHaveLength(withKey.length + 1);
    expect(withKey.map(({ path }) => path)).toContain('/payments/{payment_id}/refunds/{refund_id}');
  });
});
