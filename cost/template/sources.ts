import type { Resource, TemplateModel } from '../../infra/checks/template-model.ts';
import { at } from '../../infra/nag/template-values.ts';
import type { FunctionName } from './facts.ts';

/** How the functions are called in AWS, without the suffix. */
export const FUNCTION_NAMES: Readonly<Record<FunctionName, string>> = {
  api: 'payment-processor',
  worker: 'event-handler',
  relay: 'payment-relay',
  audit: 'payment-audit',
  sweep: 'payment-sweep',
  authorizer: 'payment-authorizer',
  rotation: 'payment-rotation',
};

export function functionOf(template: TemplateModel, name: FunctionName): Resource | undefined {
  return template.named('AWS::Lambda::Function', FUNCTION_NAMES[name]);
}

/** What a function, or an alias of it, takes its records or messages from. */
export function sourceOf(template: TemplateModel, name: FunctionName): Resource | undefined {
  const wanted = functionOf(template, name)?.id;
  return template
    .ofType('AWS::Lambda::EventSourceMapping')
    .find(({ properties }) =>
      invoked(at(properties, 'FunctionName'), template).some(({ id }) => id === wanted),
    );
}

/** The functions behind a value that refers to them or to their aliases. */
export function invoked(value: unknown, template: TemplateModel): Resource[] {
  const aliases = template.referred(value, 'AWS::Lambda::Alias', 'AWS::Lambda::Version');
  return [
    ...template.referred(value, 'AWS::Lambda::Function'),
    ...aliases.flatMap(({ properties }) =>
      template.referred(at(properties, 'FunctionName'), 'AWS::Lambda::Function'),
    ),
  ];
}

export function isEnabled(source: Resource): boolean {
  return at(source.properties, 'Enabled') !== false;
}

/** Whether the function takes work from the queue; else only the fleet does. */
export function workerTakesWork(template: TemplateModel): boolean {
  const source = sourceOf(template, 'worker');
  return source !== undefined && isEnabled(source);
}
