import type { z } from 'zod';
import type { Principal } from '../app/authenticate.ts';
import type { Scope } from '../ports/key-store.ts';
import type { Problem, ProblemCode } from './problems.ts';
import type { RequestHead } from './request-head.ts';

/** What a route answers with: JSON, text of another type, or a problem. */
export type Answer =
  | { status: 200 | 201 | 202 | 503; json: unknown; headers?: Record<string, string> }
  | { status: 200; text: string; type: string; headers?: Record<string, string> }
  | { problem: Problem };

export interface RouteRequest<Query = unknown, Body = unknown> {
  params: Record<string, string>;
  query: Query;
  body: Body;
  /** Null on routes without a scope. */
  principal: Principal;
  idempotencyKey: string | undefined;
  /** Seconds to wait for the outcome, from `Prefer: wait`; 0 if none was asked for. */
  waitSeconds: number;
  head: RequestHead;
  /** The exact bytes of the body, where `rawBody` is set. */
  bytes: Uint8Array;
}

interface DocumentedAnswer {
  description: string;
  schema?: z.ZodType;
  /** Where it is not JSON. */
  type?: string;
  headers?: Record<string, string>;
}

/** One definition gives routing, validation, types and openapi.json. */
export interface Route<Query = unknown, Body = unknown> {
  method: 'get' | 'post';
  /** With parameters in braces, as OpenAPI writes it. */
  path: string;
  operationId: string;
  summary: string;
  description?: string;
  /** Null: no key is needed. */
  scope: Scope | null;
  query: z.ZodType<Query>;
  body?: z.ZodType<Body>;
  /** The body is not JSON of ours, and is signed over its bytes: it is passed on unread, up to this length. */
  rawBodyBytes?: number;
  /** Refused while the backlog is full. */
  sheds?: boolean;
  /** Takes `Idempotency-Key` and `Prefer: wait`. */
  operates?: boolean;
  answers: Record<number, DocumentedAnswer>;
  /** What it may refuse with beyond what every route may. */
  problems: readonly ProblemCode[];
  handle(request: RouteRequest<Query, Body>): Promise<Answer>;
}

/** Checks the definition's types against each other, and forgets them: routes of all kinds stand in one list. */
export function route<Query, Body>(definition: Route<Query, Body>): Route {
  return definition as unknown as Route;
}
