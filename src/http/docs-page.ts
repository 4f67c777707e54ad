import { PROBLEMS, type ProblemCode } from './problems.ts';

/**
 * The contract for people: one page made of openapi.json, with no script and nothing from another host, so that it
 * works offline and under the strictest content policy.
 */
export function docsPage(document: Record<string, unknown>): string {
  const { info, paths, components } = document as unknown as Contract;
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  const contents = operations
    .map(
      ({ path, method, operation }) =>
        `<li><a href="#${operation.operationId}">${verb(method)} ${code(path)}</a></li>`,
    )
    .join('');
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(info.title)}: the HTTP contract</title><style>${STYLE}</style></head><body>
<header><h1>${escaped(info.title)}</h1><p>${escaped(info.summary)}. JSON over HTTP; money in integer minor units; unknown
fields are refused. The same for machines: <a href="/openapi.json">/openapi.json</a>.</p></header>
<nav aria-label="Contents"><ul>${contents}</ul></nav><main>
<section><h2 id="key">Your key</h2><p>Send <code>Authorization: Bearer tg_test_…</code>. The key decides the merchant and
the mode; nothing of another merchant or of the other mode can be seen with it.</p>
<h2 id="idempotency">Sending again</h2><p>Every POST can be repeated safely: name the payment (<code>payment_id</code>) or
the refund (<code>refund_id</code>), or send <code>Idempotency-Key</code>. The same request gives the same status and the
resource as it is now, with <code>Idempotent-Replayed: true</code>; another request with the same key is refused with
<code>idempotency_mismatch</code>. This holds for as long as the payment exists.</p>
<h2 id="waiting">Waiting</h2><p><code>Prefer: wait=10</code> answers when the outcome is known, or after that many seconds.</p>
</section>
${operations.map(section).join('\n')}
<section><h2 id="schemas">Objects</h2>${Object.entries(components.schemas).map(schemaSection).join('\n')}</section>
<section><h2 id="problems">Refusals</h2><p>RFC 9457, <code>application/problem+json</code>. Branch on <code>code</code>;
<code>detail</code> says what was received and what to do.</p>${problemTable()}</section>
</main></body></html>
`;
}

interface Contract {
  info: { title: string; summary: string };
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
}

interface Operation {
  operationId: string;
  summary: string;
  description?: string;
  'x-scope'?: string;
  parameters: { name: string; in: string; description?: string; required?: boolean; schema: Schema }[];
  requestBody?: { content: Record<string, { schema: Schema }> };
  responses: Record<string, { description: string; content: Record<string, { schema?: Schema }> }>;
}

interface Schema {
  $ref?: string;
  type?: string | string[];
  description?: string;
  format?: string;
  enum?: unknown[];
  const?: unknown;
  anyOf?: Schema[];
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
}

function section({
  path,
  method,
  operation,
}: {
  path: string;
  method: string;
  operation: Operation;
}): string {
  const scope = operation['x-scope'];
  const body = operation.requestBody?.content['application/json']?.schema;
  const parameters = operation.parameters.map(
    ({ name, in: where, description = '', required = false, schema }) =>
      `<tr><td>${code(name)}</td><td>${where}${required ? ', required' : ''}</td><td>${shape(schema)}</td><td>${prose(description)}</td></tr>`,
  );
  const answers = Object.entries(operation.responses).map(
    ([status, { description, content }]) =>
      `<tr><td>${code(status)}</td><td>${prose(description)}</td><td>${Object.values(content)
        .map(({ schema }) => (schema ? shape(schema) : ''))
        .filter(Boolean)
        .join(' or ')}</td></tr>`,
  );
  return `<section><h2 id="${operation.operationId}">${verb(method)} ${code(path)}</h2>
<p><strong>${escaped(operation.summary)}.</strong> ${prose(operation.description ?? '')}</p>
<p>${scope ? `Needs a key with the scope ${code(scope)}.` : 'No key is needed.'}${body ? ` Body: ${shape(body)}.` : ''}</p>
${parameters.length > 0 ? table(['Parameter', 'In', 'Form', ''], parameters) : ''}
${table(['Answer', '', 'Body'], answers)}</section>`;
}

function schemaSection([name, schema]: [string, Schema]): string {
  const required = new Set(schema.required ?? []);
  const rows = Object.entries(schema.properties ?? {}).map(
    ([field, its]) =>
      `<tr><td>${code(field)}</td><td>${required.has(field) ? 'always' : 'optional'}</td><td>${shape(its)}</td><td>${prose(its.description ?? '')}</td></tr>`,
  );
  return `<h3 id="schema-${escaped(name)}">${escaped(name)}</h3>${table(['Field', '', 'Form', ''], rows)}`;
}

/** The form of a value in a few words. */
function shape(schema: Schema): string {
  if (schema.$ref) {
    const name = schema.$ref.split('/').at(-1) as string;
    return `<a href="#schema-${escaped(name)}">${escaped(name)}</a>`;
  }
  if (schema.anyOf) return schema.anyOf.map(shape).join(' or ');
  if (schema.const !== undefined) return code(String(schema.const));
  if (schema.enum) return schema.enum.map((value) => code(String(value))).join(', ');
  if (schema.items) return `list of ${shape(schema.items)}`;
  const type = [schema.type ?? 'any'].flat().join(' or ');
  const length =
    schema.maxLength === undefined ? '' : `, ${schema.minLength ?? 0} to ${schema.maxLength} characters`;
  const range =
    schema.maximum === undefined ? '' : `, ${schema.minimum ?? 0} to ${schema.maximum.toLocaleString('en')}`;
  const format = schema.format ? ` (${schema.format})` : '';
  const pattern = schema.pattern && !schema.format ? ` ${code(schema.pattern)}` : '';
  return `${escaped(type)}${format}${length}${range}${pattern}`;
}

function problemTable(): string {
  const codes = Object.keys(PROBLEMS) as ProblemCode[];
  const rows = codes.map((name) => {
    const [status, title] = PROBLEMS[name];
    return `<tr id="${name}"><td>${code(name)}</td><td>${status}</td><td>${escaped(title)}</td></tr>`;
  });
  return table(['Code', 'Status', 'Meaning'], rows);
}

function table(titles: readonly string[], rows: readonly string[]): string {
  const head = titles.map((title) => `<th scope="col">${title}</th>`).join('');
  return `<div class="wide"><table><thead><tr>${head}</tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
}

const verb = (method: string) => `<b class="${method}">${method.toUpperCase()}</b>`;
const code = (text: string) => `<code>${escaped(text)}</code>`;
/** Prose with `code` in backticks. */
const prose = (text: string) => escaped(text).replaceAll(/`([^`]+)`/g, '<code>$1</code>');

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

const STYLE = `
:root{color-scheme:light dark;--line:#8884;--accent:light-dark(#1f5fbf,#8ab4ff)}
body{font:16px/1.5 system-ui,sans-serif;margin:0;display:grid;grid-template-columns:minmax(0,1fr);max-width:72rem;padding:0 1.25rem 4rem;margin-inline:auto}
h1{margin:2rem 0 .25rem}h2{margin:2.5rem 0 .5rem;font-size:1.25rem;overflow-wrap:anywhere}h3{margin:1.5rem 0 .25rem}
a{color:var(--accent)}code{font:.9em ui-monospace,monospace}nav ul{list-style:none;padding:0;columns:20rem}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%;margin:.5rem 0}
th,td{text-align:left;vertical-align:top;padding:.3rem .75rem .3rem 0;border-bottom:1px solid var(--line)}
td code{overflow-wrap:anywhere}b.get{color:light-dark(#1a7f37,#6fdd8b)}b.post{color:light-dark(#9a6700,#f0b429)}
:target{background:#ffd86633}
`;
