import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, it } from 'vitest';
import { RUNBOOK_URL } from './constructs/runbook-link.ts';
import { PaymentStack } from './payment-stack.ts';
import { CONTEXT_KEYS, parseContext } from './settings.ts';
import { cdkContext } from './stack.fixture.ts';

const docs = resolve(import.meta.dirname, '..', 'docs');
const root = resolve(docs, '..');
const read = (path: string) => readFileSync(join(docs, path), 'utf8');
const pages = () => readdirSync(join(docs, 'runbooks')).filter((name) => name !== 'README.md');

function synthesised(context: Readonly<Record<string, string>>): Template {
  const app = new App({ context: { ...cdkContext } });
  return Template.fromStack(new PaymentStack(app, 'Payment', parseContext(context)));
}

let dev: Template;
let prod: Template;
let cloudfront: Template;

beforeAll(() => {
  dev = synthesised({ environmentSuffix: 'dev123' });
  prod = synthesised({ environmentSuffix: 'dev123', profile: 'prod', allowSimulator: 'true' });
  cloudfront = synthesised({ environmentSuffix: 'dev123', edge: 'cloudfront' });
}, 120_000);

/** The pages that alarms and event rules of a template link to. */
function linked(template: Template): string[] {
  const watchers = [
    ...Object.values(template.findResources('AWS::CloudWatch::Alarm')),
    // Rules without a link run the product, and tell nobody.
    ...Object.values(
      template.findResources('AWS::Events::Rule', { Properties: { EventPattern: Match.anyValue() } }),
    ),
  ];
  return watchers.map((watcher) => {
    const [link] = JSON.stringify(watcher).match(/https:[^"\s]*\/runbooks\/[a-z0-9-]+\.md/) ?? [];
    if (link === undefined) throw new Error(`No runbook: ${JSON.stringify(watcher)}`);
    expect(link.startsWith(RUNBOOK_URL)).toBe(true);
    return basename(link);
  });
}

describe('the runbooks', () => {
  it('have a page for each alarm and each event rule, and no other', () => {
    expect([...new Set([dev, prod, cloudfront].flatMap(linked))].sort()).toEqual(pages().sort());
  });

  it('are all listed in their index', () => {
    const index = read('runbooks/README.md');
    expect(pages().filter((page) => !index.includes(`(${page})`))).toEqual([]);
  });

  it('each say what to look at, what to do, and when it is over', () => {
    const incomplete = pages().filter((page) => {
      const text = read(`runbooks/${page}`);
      return ![/\bLook\b/, /\bDo\b|Look and do/, /Over when/].every((part) => part.test(text));
    });
    expect(incomplete).toEqual([]);
  });
});

describe('the documents of the deployment', () => {
  const texts = [
    'aws.md',
    'deploy.md',
    'compliance.md',
    ...pages().map((page) => `runbooks/${page}`),
    'runbooks/README.md',
  ];

  it('link only to what exists', () => {
    const broken = texts.flatMap((text) =>
      [...read(text).matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)]
        .map(([, target = '']) => join(docs, text, '..', target))
        .filter((target) => !existsSync(target)),
    );
    expect(broken).toEqual([]);
  });

  it('name only test files that exist', () => {
    const named = texts.flatMap((text) => [...read(text).matchAll(/`([\w./-]+\.test\.ts)`/g)]);
    expect(named.length).toBeGreaterThan(40);
    expect(named.map(([, file = '']) => file).filter((file) => !existsSync(join(root, file)))).toEqual([]);
  });

  it('name only files of the code that exist', () => {
    const named = texts.flatMap((text) => [...read(text).matchAll(/`((?:infra|src)\/[\w./-]+\.ts)`/g)]);
    expect(named.map(([, file = '']) => file).filter((file) => !existsSync(join(root, file)))).toEqual([]);
  });

  it('explain every context key of a deployment', () => {
    const rows = read('deploy.md')
      .split('\n')
      .filter((line) => line.startsWith('| `'))
      .map((line) => line.split('|')[1] ?? '');
    expect(CONTEXT_KEYS.filter((key) => !rows.some((row) => row.includes(`\`${key}\``)))).toEqual([]);
  });

  it('name the outputs that the stack has', () => {
    const named = [...read('runbooks/alerts-undelivered.md').matchAll(/<(\w+Arn)>/g)].map(([, name]) => name);
    for (const name of new Set(named)) dev.hasOutput(name as string, {});
  });
});
