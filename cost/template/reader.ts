import type { Resource, TemplateModel } from '../../infra/checks/template-model.ts';
import type { Usage } from '../bill/usage.ts';

/** Something of a resource that is paid for, and that nobody here can say the price of. */
export interface Unpriced {
  readonly logicalId: string;
  readonly why: string;
}

export type Part = Usage | Unpriced;

/** Whatever the resources of one type cost each month, all of them together, so that they are one line of the bill. */
export type Reader = (resources: readonly Resource[], template: TemplateModel) => readonly Part[];

/**
 * What is known of a type of resource: that it costs nothing and why, that it is paid for by what is done with it,
 * which the volume model counts, or how to read what it costs by being there.
 */
export type Known = { readonly free: string } | { readonly volume: string } | { readonly fixed: Reader };

export type Registry = Readonly<Record<string, Known>>;

export function isUsage(part: Part): part is Usage {
  return 'price' in part;
}

/** One reason for several types. */
export function free(reason: string, ...types: readonly string[]): Registry {
  return Object.fromEntries(types.map((type) => [type, { free: reason }]));
}
