import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  AuthorizationType,
  type IAuthorizer,
  type Integration,
  type RestApi,
} from 'aws-cdk-lib/aws-apigateway';

export interface ApiPath {
  /** As OpenAPI and API Gateway both write it: `/payments/{payment_id}`. */
  readonly path: string;
  /** Whether any operation there needs an API key. */
  readonly needsKey: boolean;
}

interface Operation {
  readonly security?: readonly object[];
}

interface OpenApi {
  readonly security?: readonly object[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

const OPENAPI = join(import.meta.dirname, '..', '..', 'openapi.json');

/** Every path of the contract, from the document that the application's own definitions make. */
export function contractPaths(): ApiPath[] {
  const contract = JSON.parse(readFileSync(OPENAPI, 'utf8')) as OpenApi;
  return Object.entries(contract.paths).map(([path, operations]) => ({
    path,
    needsKey: Object.values(operations).some(({ security = contract.security ?? [] }) => security.length > 0),
  }));
}

/**
 * ANY on every path: which methods there are the application knows, and answers 405 with them. Where a key is needed it
 * is needed for every method: what has none does not get as far as the application.
 *
 * What needs no key, be it in the contract, a page of the simulator, or nothing at all, goes one way: the application
 * has the routes, and answers 404 in its own form where it has none.
 */
export function addRoutes(api: RestApi, integration: Integration, authorizer: IAuthorizer): void {
  // The gateway checks what it knows without the contract: that every id of a path is there. Of bodies it knows no
  // model; with one it would refuse them in a form of its own, without the names of the fields.
  const requestValidator = api.addRequestValidator('Validator', {
    validateRequestParameters: true,
    validateRequestBody: true,
  });
  for (const { path, needsKey } of contractPaths()) {
    if (!needsKey) continue;
    api.root.resourceForPath(path).addMethod('ANY', integration, {
      authorizationType: AuthorizationType.CUSTOM,
      authorizer,
      requestValidator,
      requestParameters: Object.fromEntries(
        [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => [`method.request.path.${name}`, true]),
      ),
    });
  }
  const withoutKey = { authorizationType: AuthorizationType.NONE };
  api.root.addResource('{proxy+}').addMethod('ANY', integration, withoutKey);
}
