import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { type Answer, checkEveryAnswer, type Demand, isProblem } from './answer-rules.ts';

export interface Asked {
  method: string;
  /** With its query. */
  path: string;
}

interface DocumentedAnswer {
  headers?: Record<string, unknown>;
  content?: Record<string, { schema?: unknown }>;
  'x-problem-codes'?: string[];
}

interface DocumentedOperation {
  security: unknown[];
  responses: Record<string, DocumentedAnswer>;
}

export interface ContractDocument {
  paths: Record<string, Record<string, DocumentedOperation>>;
  components: { schemas: Record<string, unknown> };
}

/** Fails, with what differs, unless the answer is one that the document promises; null: what was asked was no request. */
export type ContractCheck = (asked: Asked | null, answer: Answer) => void;

/** What is HTTP's own, or said to what stands between; every other header is part of the contract. */
const HEADERS_OF_HTTP = [
  'cache-control',
  'connection',
  'content-length',
  'content-type',
  'date',
  'keep-alive',
  'transfer-encoding',
  'x-content-type-options',
];
const RATE_LIMIT = /^"default";r=\d+;t=\d+$/;
const RATE_LIMIT_POLICY = /^"default";q=\d+;w=\d+$/;

/** Compiles schemas of the document, in Ajv's strict mode: what it does not know is a fault of the document. */
export function createSchemas({ components }: Pick<ContractDocument, 'components'>) {
  const ajv = new Ajv2020({ strict: true, allErrors: true, allowUnionTypes: true });
  formats.default(ajv);
  ajv.addKeyword('example');
  for (const [name, schema] of Object.entries(components.schemas)) ajv.addSchema(local(schema), name);
  const compiled = new Map<unknown, ValidateFunction>();
  return (schema: unknown): ValidateFunction => {
    const validate = compiled.get(schema) ?? ajv.compile(local(schema));
    compiled.set(schema, validate);
    return validate;
  };
}

/** References by the name under which Ajv knows the schema. */
function local(schema: unknown): object {
  return JSON.parse(JSON.stringify(schema).replaceAll('#/components/schemas/', ''));
}

/** Checks answers against an OpenAPI document, and what api.md says of every answer. */
export function createContractCheck(document: ContractDocument, limited: boolean): ContractCheck {
  const compile = createSchemas(document);
  const templates = Object.keys(document.paths).map((template) => ({
    template,
    pattern: new RegExp(`^${template.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`),
  }));

  function checkDocument({ method, path }: Asked, answer: Answer, demand: Demand): void {
    const { headers, status, json, text } = answer;
    const [pathname] = path.split('?') as [string];
    // Pages of the simulator are not of the contract.
    if (pathname.startsWith('/simulator/')) return;
    const found = templates.find(({ pattern }) => pattern.test(pathname));
    const operations = found ? (document.paths[found.template] as Record<string, DocumentedOperation>) : {};
    const operation = operations[method === 'HEAD' ? 'get' : method.toLowerCase()];
    if (!found) {
      demand(
        status === 404 && (json.code === 'not_found' || text === ''),
        'a path that is not documented answered',
      );
    } else if (!operation) {
      checkNotAllowed(answer, Object.keys(operations), demand);
    } else {
      checkDocumented(operation);
    }

    function checkDocumented(operation: DocumentedOperation): void {
      const documented = operation.responses[status];
      if (!documented) {
        demand(false, `the status ${status} is not documented`);
        return;
      }
      const [type] = String(headers['content-type']).split(';') as [string];
      demand(documented.content?.[type], `the content type ${type} is not documented for ${status}`);
      const known = headersOf(documented);
      for (const header of Object.keys(headers)) {
        demand(known.has(header), `the header ${header} is not documented for ${status}`);
      }
      const keyed = operation.security.length > 0 && status !== 401 && json.code !== 'duplicate_header';
      if (keyed && limited) {
        demand(RATE_LIMIT.test(String(headers.ratelimit)), `RateLimit is ${headers.ratelimit}`);
        const policy = headers['ratelimit-policy'];
        demand(RATE_LIMIT_POLICY.test(String(policy)), `RateLimit-Policy is ${policy}`);
      }
      if (method === 'HEAD') {
        demand(answer.text === '', 'HEAD was answered with a body');
        return;
      }
      const codes = documented['x-problem-codes'] ?? [];
      if (isProblem(answer))
        demand(codes.includes(String(json.code)), `the code ${json.code} is not documented for ${status}`);
      const schema = documented.content?.[type]?.schema;
      if (schema !== undefined) {
        const validate = compile(schema);
        demand(validate(json), `does not fit its schema: ${JSON.stringify(validate.errors)}`);
      }
    }
  }

  return (asked, answer) => {
    const faults: string[] = [];
    const demand: Demand = (holds, fault) => {
      if (!holds) faults.push(fault);
    };
    checkEveryAnswer(answer, demand);
    if (asked) checkDocument(asked, answer, demand);
    if (faults.length === 0) return;
    const { status, text } = answer;
    const what = asked ? `${asked.method} ${asked.path}` : 'no request';
    throw new Error(`${what} → ${status} ${text.slice(0, 500)}\n  ${faults.join('\n  ')}`);
  };
}

const knownHeaders = new WeakMap<DocumentedAnswer, ReadonlySet<string>>();

/** In lower case; made once, since hundreds of thousands of answers may be checked. */
function headersOf(documented: DocumentedAnswer): ReadonlySet<string> {
  const known =
    knownHeaders.get(documented) ??
    new Set([...HEADERS_OF_HTTP, ...Object.keys(documented.headers ?? {}).map((name) => name.toLowerCase())]);
  knownHeaders.set(documented, known);
  return known;
}

function checkNotAllowed({ status, headers, json, text }: Answer, methods: string[], demand: Demand): void {
  const allowed = methods.map((name) => name.toUpperCase());
  if (allowed.includes('GET')) allowed.push('HEAD');
  demand(
    status === 405 && (json.code === 'method_not_allowed' || text === ''),
    'the method is not documented',
  );
  demand(headers.allow === allowed.join(', '), `Allow is ${headers.allow}, not ${allowed.join(', ')}`);
}
