import type { TemplateModel } from './template-model.ts';

/** What the template was made for. */
export interface Deployment {
  readonly profile: 'dev' | 'prod';
  readonly region: string;
  readonly suffix: string;
  /** @default 'rest' */
  readonly edge?: 'rest' | 'cloudfront';
}

/** One property that the whole template must have, by the row or the trap of the design that it comes from. */
export interface TemplateCheck {
  /** `row 8: payment-processor is arm64 with 512 MB …`: the name of its test. */
  readonly says: string;
  /**
   * Of which edge it holds.
   * @default - of both
   */
  readonly edge?: 'rest' | 'cloudfront';
  /** The problems; none if it holds. */
  find(template: TemplateModel, deployment: Deployment): string[];
}
