import * as z from 'zod';
import { problemAnswer } from './answer-schemas.ts';
import { PROBLEMS, type ProblemCode } from './problems.ts';
import type { Route } from './route.ts';

type JsonSchema = Record<string, unknown>;

/** What every route may be refused with, and every route that needs a key besides. */
const EVERYWHERE: readonly ProblemCode[] = [
  'invalid_request',
  'card_number_detected',
  'duplicate_header',
  'not_acceptable',
  'body_too_large',
  'internal_error',
  'unavailable',
];
const WITH_KEY: readonly ProblemCode[] = ['missing_key', 'invalid_key', 'insufficient_scope', 'rate_limited'];
const WITH_BODY: readonly ProblemCode[] = ['malformed_json', 'unsupported_media_type'];

const IDEMPOTENCY_KEY = {
  name: 'Idempotency-Key',
  in: 'header',
  description: 'Makes it safe to send again: 1 to 255 characters, bare or quoted (IETF draft).',
  schema: { type: 'string', minLength: 1, maxLength: 257 },
};
const PREFER = {
  name: 'Prefer',
  in: 'header',
  description: '`wait=N`: answer when the outcome is known, or after N seconds (25 at most; RFC 7240).',
  schema: { type: 'string' },
  example: 'wait=10',
};

/** Headers that many answers carry. */
const HEADERS = {
  'Request-Id': 'Of this request; quote it when you ask for help.',
  RateLimit: 'What is left of the quota, unless the limit is turned off (IETF draft).',
  'RateLimit-Policy': 'The quota, unless the limit is turned off (IETF draft).',
  'Idempotent-Replayed': '`true` if this was asked and answered before.',
  'Preference-Applied': '`wait=N` if the answer waited for the outcome.',
  'WWW-Authenticate': 'How to authenticate.',
  'Retry-After': 'Seconds to wait.',
} as const;

type HeaderName = keyof typeof HEADERS;
const ALWAYS: readonly HeaderName[] = ['Request-Id'];
const LIMITED: readonly HeaderName[] = ['RateLimit', 'RateLimit-Policy'];
const OPERATED: readonly HeaderName[] = ['Idempotent-Replayed', 'Preference-Applied'];
/** What comes with a status of refusal. */
const REFUSED: Readonly<Record<string, readonly HeaderName[]>> = {
  401: ['WWW-Authenticate'],
  429: ['Retry-After'],
  503: ['Retry-After'],
};

/** The OpenAPI 3.1 document, from the definitions that route and validate. */
export function openApiDocument(routes: readonly Route[]): JsonSchema {
  const schemas: Record<string, JsonSchema> = {};
  const paths: Record<string, JsonSchema> = {};
  for (const one of routes) {
    paths[one.path] ??= {};
    (paths[one.path] as JsonSchema)[one.method] = operation(one, schemas);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Tollgate',
      version: '1',
      summary: 'Payment processing that you own',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    paths,
    components: {
      schemas,
      headers: described(HEADERS),
      securitySchemes: { key: { type: 'http', scheme: 'bearer', description: 'An API key: `tg_test_…`' } },
    },
  };
}

/** A schema by reference where it has a name, gathered under `components`; otherwise in place. */
function reference(
  schema: z.ZodType,
  schemas: Record<string, JsonSchema>,
  io: 'input' | 'output',
): JsonSchema {
  const whole = z.toJSONSchema(schema, { io, reused: 'inline', target: 'draft-2020-12' }) as JsonSchema;
  const {
    $defs = {},
    $schema: _,
    ...own
  } = whole as { $defs?: Record<string, JsonSchema>; $schema?: string };
  for (const [name, definition] of Object.entries($defs)) schemas[name] ??= relocated(definition);
  const { id } = schema.meta() ?? {};
  if (id === undefined) return relocated(own);
  schemas[id] ??= relocated(own);
  return { $ref: `#/components/schemas/${id}` };
}

/** References within a schema, from where zod puts definitions to where OpenAPI keeps them; names out of the body. */
function relocated(schema: JsonSchema): JsonSchema {
  const text = JSON.stringify(schema, (name, value) => (name === 'id' || name === '$id' ? undefined : value));
  return JSON.parse(text.replaceAll('#/$defs/', '#/components/schemas/'));
}

function operation(one: Route, schemas: Record<string, JsonSchema>): JsonSchema {
  return {
    operationId: one.operationId,
    summary: one.summary,
    ...(one.description && { description: one.description }),
    ...(one.scope ? { security: [{ key: [] }], 'x-scope': one.scope } : { security: [] }),
    parameters: [
      ...pathParameters(one.path),
      ...queryParameters(one),
      ...(one.operates ? [IDEMPOTENCY_KEY, PREFER] : []),
    ],
    ...(one.body && {
      requestBody: {
        required: one.method === 'post' && one.operationId === 'createPayment',
        content: { 'application/json': { schema: reference(one.body, schemas, 'input') } },
      },
    }),
    responses: responses(one, schemas),
  };
}

function pathParameters(path: string): JsonSchema[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
}

function queryParameters(one: Route): JsonSchema[] {
  const { properties = {} } = z.toJSONSchema(one.query, { io: 'input' }) as {
    properties?: Record<string, JsonSchema>;
  };
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: 'query',
    ...(description !== undefined && { description }),
    schema,
  }));
}

/** By name where it is one of those that many answers carry. */
function headers(names: readonly string[], own: Record<string, string> = {}): JsonSchema {
  const shared = names.map((name) => [name, { $ref: `#/components/headers/${name}` }]);
  return { ...Object.fromEntries(shared), ...described(own) };
}

function described(headers: Record<string, string>): JsonSchema {
  const each = Object.entries(headers);
  return Object.fromEntries(
    each.map(([name, description]) => [name, { description, schema: { type: 'string' } }]),
  );
}

function responses(one: Route, schemas: Record<string, JsonSchema>): JsonSchema {
  const answers: Record<string, JsonSchema> = {};
  const always = [...ALWAYS, ...(one.scope ? LIMITED : [])];
  for (const [status, documented] of Object.entries(one.answers)) {
    const { description, schema, type = 'application/json' } = documented;
    answers[status] = {
      description,
      headers: headers([...always, ...(one.operates ? OPERATED : [])], documented.headers),
      content: { [type]: schema ? { schema: reference(schema, schemas, 'output') } : {} },
    };
  }
  for (const [status, codes] of Object.entries(problemsOf(one))) {
    const problems = { 'application/problem+json': { schema: reference(problemAnswer, schemas, 'output') } };
    const earlier = answers[status] as { description: string; content: JsonSchema } | undefined;
    const listed = codes.map((code) => `\`${code}\``).join(', ');
    answers[status] = {
      description: earlier ? `${earlier.description}; or ${listed}` : listed,
      headers: headers([...always, ...(REFUSED[status] ?? [])]),
      content: { ...earlier?.content, ...problems },
      'x-problem-codes': codes,
    };
  }
  return answers;
}

function problemsOf(one: Route): Record<string, ProblemCode[]> {
  const codes = new Set<ProblemCode>([...EVERYWHERE, ...one.problems]);
  if (one.scope) for (const code of WITH_KEY) codes.add(code);
  if (one.body) for (const code of WITH_BODY) codes.add(code);
  const byStatus: Record<string, ProblemCode[]> = {};
  for (const code of codes) {
    const status = String(PROBLEMS[code][0]);
    byStatus[status] ??= [];
    byStatus[status].push(code);
  }
  return byStatus;
}
