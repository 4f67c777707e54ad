import type { Route } from './route.ts';

export type Routed =
  | { route: Route; params: Record<string, string> }
  /** The path is known, the method is not. */
  | { allowed: string[] }
  | null;

export type Router = (method: string, path: string) => Routed;

interface Template {
  segments: readonly string[];
  /** By method. */
  routes: Map<string, Route>;
}

const PARAMETER = /^\{(\w+)\}$/;

/**
 * Finds the route of a request. Paths without parameters are looked up; the others, a handful, are compared by
 * segments. A parameter matches one segment that is not empty; HEAD is answered as GET.
 */
export function createRouter(routes: readonly Route[]): Router {
  const templates = new Map<string, Template>();
  for (const route of routes) {
    const template = templates.get(route.path) ?? { segments: route.path.split('/'), routes: new Map() };
    template.routes.set(route.method.toUpperCase(), route);
    templates.set(route.path, template);
  }
  const dynamic = [...templates.values()].filter(({ segments }) =>
    segments.some((part) => PARAMETER.test(part)),
  );

  function find(path: string): { template: Template; params: Record<string, string> } | null {
    const exact = templates.get(path);
    if (exact && !dynamic.includes(exact)) return { template: exact, params: {} };
    const segments = path.split('/');
    for (const template of dynamic) {
      const params = bind(template.segments, segments);
      if (params) return { template, params };
    }
    return null;
  }

  return (method, path) => {
    const found = find(path);
    if (!found) return null;
    const { template, params } = found;
    const route = template.routes.get(method === 'HEAD' ? 'GET' : method);
    if (route) return { route, params };
    const allowed = [...template.routes.keys()];
    if (allowed.includes('GET')) allowed.push('HEAD');
    return { allowed };
  };
}

function bind(template: readonly string[], segments: readonly string[]): Record<string, string> | null {
  if (template.length !== segments.length) return null;
  const params: Record<string, string> = {};
  for (let i = 0; i < template.length; i++) {
    const part = template[i] as string;
    const segment = segments[i] as string;
    if (part.charCodeAt(0) !== 0x7b) {
      if (part !== segment) return null;
      continue;
    }
    if (segment === '') return null;
    params[part.slice(1, -1)] = decoded(segment);
  }
  return params;
}

/** A segment that is not valid percent-encoding stands for itself: there is nothing of that name. */
function decoded(segment: string): string {
  if (!segment.includes('%')) return segment;
  try {
    return decodeURIComponent(segment);
  } catch (error) {
    if (error instanceof URIError) return segment;
    throw error;
  }
}
