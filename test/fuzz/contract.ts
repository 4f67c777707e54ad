import type { Answer } from '../http/answer-rules.ts';
import {
  type ContractCheck,
  type ContractDocument,
  createContractCheck,
  createSchemas,
} from '../http/contract-check.ts';

/** The part of JSON Schema that the document uses. */
export interface Schema {
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  anyOf?: Schema[];
  format?: string;
  pattern?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  maxProperties?: number;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
  propertyNames?: Schema;
  description?: string;
}

export interface Operation {
  method: string;
  /** With parameters in braces. */
  template: string;
  keyed: boolean;
  query: readonly { name: string; schema: Schema }[];
  /** Of its JSON body; undefined if it takes none. */
  body: Schema | undefined;
  /** Whether a status that is not a refusal is documented. */
  statuses: readonly string[];
}

/** What the service says of itself: nothing here is read from the source. */
export interface Contract {
  operations: readonly Operation[];
  /** Whether the answer to a request is one that the document promises. */
  check: ContractCheck;
  resolve(schema: Schema): Schema;
  fits(schema: Schema, value: unknown): boolean;
  /** `POST /payments 400 malformed_json`, for every answer that the document promises. */
  promised: readonly string[];
  /** The same, of an answer that came. */
  name(method: string, path: string, answer: Answer): string | null;
}

interface DocumentedOperation {
  security: unknown[];
  parameters: { name: string; in: string; schema: Schema }[];
  requestBody?: { content: Record<string, { schema: Schema }> };
  responses: Record<string, { content?: object; 'x-problem-codes'?: string[] }>;
}

type Document = Pick<ContractDocument, 'components'> & {
  paths: Record<string, Record<string, DocumentedOperation>>;
};

export function createContract(text: string): Contract {
  const document = JSON.parse(text) as Document;
  const { schemas } = document.components as { schemas: Record<string, Schema> };
  // JSON Schema 2020-12 has formats say what a text is meant for, and not refuse any.
  const compile = createSchemas({ components: withoutFormats(document.components) });
  const operations = Object.entries(document.paths).flatMap(([template, methods]) =>
    Object.entries(methods).map(([method, described]) => operationOf(template, method, described)),
  );
  const plain = new Map(operations.map((one) => [one, patternOf(one.template)]));

  function resolve(schema: Schema): Schema {
    if (schema.$ref === undefined) return schema;
    return schemas[schema.$ref.replace('#/components/schemas/', '')] as Schema;
  }

  return {
    operations,
    resolve,
    check: createContractCheck(document as unknown as ContractDocument, false),
    fits: (schema, value) => compile(schema)(value),
    promised: operations.flatMap((operation) => {
      const { method, template } = operation;
      const { responses } = (document.paths[template] as Record<string, DocumentedOperation>)[
        method.toLowerCase()
      ] as DocumentedOperation;
      return Object.entries(responses).flatMap(([status, { content = {}, ...rest }]) => {
        const codes = rest['x-problem-codes'] ?? [];
        const own = Object.keys(content).some((type) => type !== 'application/problem+json');
        return [...(own ? [''] : []), ...codes].map((code) => named(method, template, status, code));
      });
    }),
    name(method, path, { status, json }) {
      const asked = method === 'HEAD' ? 'GET' : method;
      const [pathname] = path.split('?') as [string];
      const found = operations.find((one) => one.method === asked && plain.get(one)?.test(pathname));
      if (!found) return null;
      const code = status >= 400 && typeof json.code === 'string' ? json.code : '';
      return named(asked, found.template, String(status), code);
    },
  };
}

function named(method: string, template: string, status: string, code: string): string {
  return `${method} ${template} ${status}${code === '' ? '' : ` ${code}`}`;
}

function patternOf(template: string): RegExp {
  return new RegExp(`^${template.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`);
}

function operationOf(template: string, method: string, described: DocumentedOperation): Operation {
  const { security, parameters, requestBody, responses } = described;
  return {
    method: method.toUpperCase(),
    template,
    keyed: security.length > 0,
    query: parameters.filter((parameter) => parameter.in === 'query'),
    body: requestBody?.content['application/json']?.schema,
    statuses: Object.keys(responses),
  };
}

function withoutFormats(components: ContractDocument['components']): ContractDocument['components'] {
  const text = JSON.stringify(components, (name, value) =>
    name === 'format' && typeof value === 'string' ? undefined : value,
  );
  return JSON.parse(text);
}
