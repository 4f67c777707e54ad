import type { RunningService } from '../http/service.fixture.ts';

/** A route as openapi.json has it: what is not documented is not there (test/http checks that). */
export interface DocumentedRoute {
  method: 'GET' | 'POST';
  template: string;
  keyed: boolean;
}

export function documentedRoutes({ document }: Pick<RunningService, 'document'>): DocumentedRoute[] {
  return Object.entries(document.paths).flatMap(([template, operations]) =>
    Object.entries(operations)
      .filter(([method]) => method === 'get' || method === 'post')
      .map(([method, { security }]) => ({
        method: method.toUpperCase() as 'GET' | 'POST',
        template,
        keyed: security.length > 0,
      })),
  );
}

/** The paths of a template with each of the ids in each of its places. */
export function pathsOf(template: string, ids: readonly string[]): string[] {
  const parameter = /\{\w+\}/;
  if (!parameter.test(template)) return [template];
  return ids.flatMap((id) => pathsOf(template.replace(parameter, id), ids));
}
